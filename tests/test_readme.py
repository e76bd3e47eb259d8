"""The README says what the program does: its commands work, its numbers are those printed."""

import re
import shlex

import lessons
import matplotlib.pyplot as plt
import pytest
from conftest import SCRIPT, run

import neural_net_digits as nn

ROOT = SCRIPT.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
ENGLISH, PERSIAN = README.split('<div dir="rtl">', 1)
BLOCKS = re.findall(r"(?ms)^```\n(.*?)^```$", README)
PLAIN = re.sub(r'<code dir="ltr">|</code>', "`", README)
PLAIN = PLAIN.translate(str.maketrans("۰۱۲۳۴۵۶۷۸۹٫", "0123456789."))
ROWS = re.findall(r"(?m)^\| `?(.+?)`? \| (.*) \|$", PLAIN)  # the first cell, and the others
CHANGES = {first for first, _ in ROWS if re.match(r"--[a-z-]+ [\d.]", first)}
IMAGE = 100 / 360 + 0.01  # the last digits of sums depend on the processor: one image of difference


def numbers(text):
    """Return the numbers in a text."""
    return [float(number) for number in re.findall(r"\d+\.?\d*", text)]


def test_the_two_commands_are_those_that_ci_runs():
    commands = re.findall(r"(?m)^```\n(python -m pip install -r .*)\n```$", ENGLISH)
    assert len(commands) == 2
    assert f"```\n{commands[0]}\n```" in PERSIAN
    for place in (".ci/run", ".github/workflows/tests.yml"):
        text = (ROOT / place).read_text(encoding="utf-8")
        assert all(f"{command}\n" in text for command in commands)


def test_each_command_is_one_that_the_program_accepts(monkeypatch):
    monkeypatch.setattr(nn, "has_window", lambda: True)  # for --play
    commands = re.findall(r"neural_net_digits\.py (-.*)$", "\n".join(BLOCKS), re.MULTILINE)
    assert commands
    for arguments in [*commands, *re.findall("`(--[a-z-]+ .+?)`", PLAIN)]:
        assert nn.parse_arguments(shlex.split(arguments))


def test_help_and_both_languages_name_each_option_and_its_default(capsys):
    defaults = vars(nn.parse_arguments([]))
    options = {f"--{name.replace('_', '-')}": default for name, default in defaults.items()}
    usage = next(block for block in BLOCKS if "[--" in block)
    assert sorted(re.findall(r"\[(--[a-z-]+)", usage)) == sorted(options)
    with pytest.raises(SystemExit, match=r"^0$"):
        nn.parse_arguments(["--help"])
    words = " ".join(capsys.readouterr().out.split())
    for flag, default in options.items():
        assert f" {flag} " in words
        assert flag in dict(ROWS)
        if default not in (None, False):
            assert f"(default: {default})" in words
            assert dict(ROWS)[flag].startswith(f"`{default}` |")


def test_the_first_run_prints_what_is_shown_and_leaves_one_picture(tmp_path):
    done = run(SCRIPT, folder=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert [path.name for path in tmp_path.iterdir()] == ["neural_net_digits.png"]
    assert plt.imread(tmp_path / "neural_net_digits.png").shape[:2] == (800, 1300)
    printed = done.stdout.splitlines()
    image = "".join(f"#   {line}\n" for line in printed[1:9])
    assert image in SCRIPT.read_text(encoding="utf-8")  # the chapter begins with it
    shown = next(block for block in BLOCKS if block.startswith("Loaded")).splitlines()
    rows = {line.split()[0]: line for line in printed if line.strip()}
    for line in shown:
        if "%" in line:  # a row of the table, whose last number is a time, or the final accuracy
            told, found = numbers(line)[:5], numbers(rows[line.split()[0]])[:5]
            assert told[:3] == pytest.approx(found[:3], rel=0.02)
            assert told[3:] == pytest.approx(found[3:], abs=IMAGE)
        else:
            assert line in [*printed, "..."]


@pytest.mark.parametrize("arguments", sorted(CHANGES))
def test_an_experiment_ends_as_it_is_told_in_both_languages(arguments, tmp_path):
    learned, _ = nn.main([*arguments.split(), "--no-show", "--output", str(tmp_path / "a.png")])
    ends = [curve[-1] for curve in learned.history[:4]]
    english, persian = (row for first, row in ROWS if first == arguments)
    for row in (english, persian):
        assert numbers(row)[0] == pytest.approx(100 * ends[3], abs=IMAGE)
    usual = [0.0105, 0.0300]  # the losses at the end of the run without any change
    for number in re.findall(r"\d+\.\d+", english)[1:]:
        assert min(abs(float(number) / end - 1) for end in [*ends, 100 * ends[2], *usual]) < 0.02


@pytest.mark.parametrize(("row", "n"), [("16 hidden neurons", 1437), ("100 training images", 100)])
def test_a_lesson_over_five_seeds_ends_as_the_readme_and_the_chapter_tell_it(row, n, capsys):
    lessons.means("", 5, n_train=n, lr=nn.LR * 1437 / n)
    found, told = numbers(capsys.readouterr().out), numbers(dict(ROWS)[row])
    assert told[:3] == pytest.approx(found[:3], rel=0.02)
    assert told[3:] == pytest.approx(found[4:], abs=IMAGE)
    for number in found[-2:]:
        assert f"{number:.1f}" in SCRIPT.read_text(encoding="utf-8")


def test_the_persian_part_tells_the_numbers_of_the_english_part():
    figures = set(re.findall(r"\d+\.\d\d+", PLAIN[PLAIN.index('<div dir="rtl">') :]))
    assert "96.67" in figures
    assert figures <= set(re.findall(r"\d+\.\d\d+", ENGLISH + SCRIPT.read_text(encoding="utf-8")))


def test_the_pictures_are_there_and_the_first_is_one_of_the_program():
    pictures = [plt.imread(ROOT / path) for path in re.findall(r"!\[.+?\]\((.+?)\)", README)]
    assert pictures[0].shape[:2] == (800, 1300)


def test_the_inline_metadata_and_the_requirements_ask_for_the_same():
    text = SCRIPT.read_text(encoding="utf-8")
    block = re.search(r"# /// script\n# .*\"(.+?)\"\n# dependencies = \[(.+?)\]\n# ///\n", text)
    requirements = (ROOT / "requirements.txt").read_text(encoding="utf-8").split()
    assert re.findall(r'"(.+?)"', block[2]) == requirements
    assert f"Python {block[1][2:]}" in ENGLISH
