"""The README says what the program does: its commands work, its numbers are those printed."""

import re
import shlex

import lessons
import matplotlib.pyplot as plt
import pytest
from conftest import SCRIPT

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
    run = "python -m pip install -r requirements.txt && python neural_net_digits.py"
    test = "python -m pip install -r tests/requirements.txt && python -m pytest"
    assert f"```\n{run}\n```" in PERSIAN
    for command in (run, test):
        assert f"```\n{command}\n```" in ENGLISH
        for place in (".ci/run", ".github/workflows/tests.yml"):
            assert f"{command}\n" in (ROOT / place).read_text(encoding="utf-8")


def test_each_command_is_one_that_the_program_accepts(monkeypatch):
    monkeypatch.setattr(nn, "has_window", lambda: True)  # for --play
    commands = re.findall(r"neural_net_digits\.py (-.*)$", "\n".join(BLOCKS), re.MULTILINE)
    assert commands
    for arguments in [*commands, *re.findall("`(--[a-z-]+ .+?)`", PLAIN)]:
        assert nn.parse_arguments(shlex.split(arguments))


def test_each_option_is_named_in_english_and_has_a_row_with_its_default_in_persian():
    usage = next(block for block in BLOCKS if "[--" in block)
    options = vars(nn.parse_arguments([]))
    flags = [f"--{name.replace('_', '-')}" for name in options]
    assert sorted(re.findall(r"\[(--[a-z-]+)", usage)) == sorted(flags)
    for flag, default in zip(flags, options.values()):
        row = dict(ROWS)[flag]
        assert default in (None, False) or row.startswith(f"`{default}` |")


def test_what_it_prints_is_what_it_prints(real_run):
    shown = next(block for block in BLOCKS if block.startswith("Loaded")).splitlines()
    printed = real_run[0].output.splitlines()
    rows = {line.split()[0]: line for line in printed if line.strip()}
    for line in shown:
        if re.match(r" +\d+ +[\d.]+ .*%", line):  # a row of the table; its last number is a time
            told, found = numbers(line)[:5], numbers(rows[line.split()[0]])[:5]
            assert told[:3] == pytest.approx(found[:3], rel=0.02)
            assert told[3:] == pytest.approx(found[3:], abs=IMAGE)
        else:
            assert line in [*printed, "..."]


@pytest.mark.parametrize("arguments", sorted(CHANGES))
def test_an_experiment_ends_as_it_is_told_in_both_languages(arguments, tmp_path):
    output = str(tmp_path / "picture.png")
    learned, _ = nn.main([*shlex.split(arguments), "--no-show", "--output", output])
    ends = [curve[-1] for curve in learned.history[:4]]
    english, persian = (row for first, row in ROWS if first == arguments)
    for row in (english, persian):
        assert numbers(row)[0] == pytest.approx(100 * ends[3], abs=IMAGE)
    usual = [0.0105, 0.0300]  # the losses at the end of the run without any change
    for number in re.findall(r"\d+\.\d+", english)[1:]:
        assert min(abs(float(number) / end - 1) for end in [*ends, 100 * ends[2], *usual]) < 0.02


def test_a_lesson_over_five_seeds_ends_as_the_readme_and_the_chapter_tell_it(capsys):
    lessons.means("", 5, n_train=100, lr=nn.LR * 1437 / 100)
    found = numbers(capsys.readouterr().out)
    told = next(row for first, row in ROWS if first == "100 training images")
    assert numbers(told)[:3] == pytest.approx(found[:3], rel=0.02)
    assert numbers(told)[3:] == pytest.approx(found[4:], abs=IMAGE)
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
    ours = (ROOT / "tests" / "requirements.txt").read_text(encoding="utf-8")
    assert ours.startswith("-r ../requirements.txt\n")
