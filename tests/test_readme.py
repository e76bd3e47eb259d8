"""The README says what the program does: its commands work, and its numbers are those that are printed."""

import re
import shlex

import lessons
import numpy as np
import pytest
from conftest import SCRIPT, size_of_png

import neural_net_digits as nn

ROOT = SCRIPT.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
ENGLISH, PERSIAN = README.split('<div dir="rtl">', 1)
DIGITS = str.maketrans("۰۱۲۳۴۵۶۷۸۹٫٪", "0123456789.%")
BLOCKS = re.findall(r"(?ms)^```\n(.*?)^```$", README)
CODE = re.sub(r'<code dir="ltr">(.+?)</code>', r"`\1`", README)
ROWS = [re.split(r" *\| *", line)[1:-1] for line in CODE.splitlines() if line.startswith("|")]
EXPERIMENTS = {row[0].strip("`") for row in ROWS if re.match(r"`--[a-z-]+ [\d.]", row[0])}
IMAGE = 100 / 360 + 0.01  # the last digits of sums depend on the processor: one image of difference


def numbers(text):
    """Return the numbers in a text, Persian ones too."""
    return [float(number) for number in re.findall(r"\d+\.?\d*", text.translate(DIGITS))]


def test_the_two_commands_are_those_that_ci_runs():
    run = "python -m pip install -r requirements.txt && python neural_net_digits.py"
    test = "python -m pip install -r tests/requirements.txt && python -m pytest"
    assert f"```\n{run}\n```" in PERSIAN
    for command in (run, test):
        assert f"```\n{command}\n```" in ENGLISH
        for place in (".ci/run", ".github/workflows/tests.yml"):
            assert f"{command}\n" in (ROOT / place).read_text(encoding="utf-8")


def test_each_command_is_one_that_the_program_accepts(monkeypatch):
    monkeypatch.setattr(nn, "has_window", lambda: True)  # for --play
    commands = re.findall(r"neural_net_digits\.py ?(-.*)?$", "\n".join(BLOCKS), re.MULTILINE)
    assert len(commands) > 4
    for arguments in [*commands, *EXPERIMENTS]:
        assert nn.parse_arguments(shlex.split(arguments))


@pytest.mark.parametrize("part", [ENGLISH, PERSIAN], ids=["English", "Persian"])
def test_the_table_of_options_has_each_one_with_its_default(part):
    options = vars(nn.parse_arguments([]))
    flags = {f"--{name.replace('_', '-')}": value for name, value in options.items()}
    for flag, default in flags.items():
        row = next(row for row in ROWS if row[0] == f"`{flag}`" and "|".join(row[1:2]) in part)
        assert default in (False, []) or str(default) in row
    settings = {row[1].strip("`"): row[2] for row in ROWS if re.match(r"`[A-Z_]+`", row[1])}
    names = ("LR", "EPOCHS", "HIDDEN", "TEST_FRACTION", "SEED")
    assert settings == {name: str(getattr(nn, name)) for name in names}


def assert_same_rows(shown, printed):
    """Compare rows of a table, but for the last digits and the times."""
    for ours, theirs in zip(shown, printed):
        told, found = numbers(ours), numbers(theirs)
        assert told[0] == found[0]
        assert told[1:3] == pytest.approx(found[1:3], rel=0.02)
        percents = [re.findall(r"([\d.]+)%", row) for row in (ours, theirs)]
        assert np.float64(percents[0]) == pytest.approx(np.float64(percents[1]), abs=2 * IMAGE)


def test_what_it_prints_is_what_it_prints(real_run):
    shown = next(block for block in BLOCKS if block.startswith("Loaded")).splitlines()
    printed = real_run[0].stdout.splitlines()
    assert (len(shown), shown[:11], shown[-1]) == (len(printed), printed[:11], printed[-1])
    assert_same_rows(shown[11:-2], printed[11:-2])
    assert numbers(shown[-2]) == pytest.approx(numbers(printed[-2]), abs=IMAGE)


@pytest.mark.parametrize("arguments", sorted(EXPERIMENTS))
def test_an_experiment_ends_as_it_is_told_in_both_languages(arguments, tmp_path):
    output = str(tmp_path / "picture.png")
    learned = nn.main([*shlex.split(arguments), "--no-show", "--output", output])
    mark = 100 * learned.history.test_accuracy[-1]
    rows = [row for row in ROWS if row[0] == f"`{arguments}`"]
    assert len(rows) == 2
    for row in rows:
        assert numbers(row[1]) == pytest.approx([mark], abs=IMAGE)
    curves = [
        100 * learned.history.train_accuracy,
        learned.history.train_loss,
        learned.history.test_loss,
    ]
    ends = [curve[-1] for curve in curves] + [mark, 0.0105, 0.0300]  # and those of the usual run
    told = re.findall(r"\d+\.\d{2,}", rows[0][2])
    assert all(min(abs(float(number) / end - 1) for end in ends) < 0.02 for number in told)


def test_the_comparison_ends_as_it_is_told(tmp_path, capsys):
    block = next(block for block in BLOCKS if block.startswith("hidden")).splitlines()
    nn.main(["--compare-hidden", "2", "4", "8", "--no-show", "--output", str(tmp_path / "x.png")])
    printed = capsys.readouterr().out.splitlines()[-5:-1]
    assert block[0] == printed[0]
    assert len(block) == 7  # the three larger ones take long
    assert_same_rows(block[1:4], printed[1:])


def test_a_lesson_over_five_seeds_ends_as_the_readme_and_the_chapter_tell_it(capsys):
    lessons.means("", lessons.run, 5, n_train=100, lr=nn.LR * 1437 / 100)
    found = re.findall(r"([\d.]+)%", capsys.readouterr().out)
    row = next(row for row in ROWS if row[0] == "100")
    assert numbers(" ".join(row[1:])) == pytest.approx(np.float64(found), abs=IMAGE)
    for number in found[1:]:
        assert f"{float(number):.1f}" in SCRIPT.read_text(encoding="utf-8")


def test_the_persian_part_tells_the_same_numbers():
    figures = re.findall(r"\d+\.\d\d+", PERSIAN.translate(DIGITS))
    assert set(figures) <= set(
        re.findall(r"\d+\.\d\d+", ENGLISH + SCRIPT.read_text(encoding="utf-8"))
    )
    assert {"96.67", "54.44", "13.56"} <= set(figures)


def test_the_pictures_are_there_and_the_first_is_one_of_the_program():
    pictures = re.findall(r"!\[.+?\]\((.+?)\)", README)
    assert size_of_png(ROOT / pictures[0]) == (1560, 960)
    assert all((ROOT / picture).is_file() for picture in pictures)


def test_the_inline_metadata_and_the_requirements_ask_for_the_same():
    text = SCRIPT.read_text(encoding="utf-8")
    block = re.search(r"# /// script\n# .*\"(.+?)\"\n# dependencies = \[(.+?)\]\n# ///\n", text)
    requirements = (ROOT / "requirements.txt").read_text(encoding="utf-8").split()
    assert re.findall(r'"(.+?)"', block[2]) == requirements
    assert f"Python {block[1][2:]}" in ENGLISH
    ours = (ROOT / "tests" / "requirements.txt").read_text(encoding="utf-8")
    assert ours.startswith("-r ../requirements.txt\n")
