"""The README says what the program does: its commands work, its numbers are those printed."""

import re
import shlex
import sys

import lessons
import persian
import pytest
from conftest import SCRIPT, run

import neural_net_digits as nn

ROOT = SCRIPT.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
ENGLISH, PERSIAN = README.split('<div dir="rtl">', 1)
COMMANDS = re.findall(r"(?m)^(?:python|py) .*$", README)
PLAIN = re.sub(r'<code dir="ltr">|</code>', "`", README).translate(persian.DIGITS)
ROWS = re.findall(r"(?m)^\| `(--.+?)` \| (.*) \|$", PLAIN)  # options and experiments


def test_the_two_commands_are_those_that_ci_runs():
    install = [command for command in COMMANDS if "pip install -r" in command]
    assert len(set(install)) == 2
    for place in (".ci/run", ".github/workflows/tests.yml"):
        text = (ROOT / place).read_text(encoding="utf-8")
        assert all(f"{command}\n" in text for command in install)


def test_each_command_is_one_that_the_program_accepts(monkeypatch):
    monkeypatch.setattr(nn, "has_window", lambda: True)  # for --play
    flags = re.findall(r"neural_net_digits\.py (--.*)$", "\n".join(COMMANDS), re.MULTILINE)
    flags += re.findall("`(--[a-z-]+ .+?)`", PLAIN)
    assert len(flags) > 10
    for arguments in flags:
        assert nn.parse_arguments(shlex.split(arguments))


def test_both_languages_name_each_option_and_the_persian_table_its_default():
    for name, default in vars(nn.parse_arguments([])).items():
        flag = f"--{name.replace('_', '-')}"
        assert f"[{flag}" in ENGLISH
        cells = dict(ROWS)[flag]
        assert cells.startswith("|" if default is False or default == [] else f"`{default}` |")


def test_the_first_run_prints_what_is_shown_and_leaves_one_picture(tmp_path):
    status, out, err = run(SCRIPT, folder=tmp_path)
    assert (status, err) == (0, "")
    assert [path.name for path in tmp_path.iterdir()] == ["neural_net_digits.png"]
    shown = re.search(r"(?s)```\n(1437 training images.*?)```", ENGLISH)[1].splitlines()
    printed = [line.rpartition("  ")[0] if "%  " in line else line for line in out.splitlines()]
    for line in shown:  # the last column of the table is a time
        assert (line.rpartition("  ")[0] if "%  " in line else line) in [*printed, "..."]


@pytest.mark.parametrize("arguments", sorted({row for row, _ in ROWS if " " in row}))
def test_an_experiment_ends_as_it_is_told_in_both_languages(arguments, tmp_path):
    learned = nn.main([*arguments.split(), "--no-show", "--output", tmp_path / "a.png"])
    english, persian = (cells for row, cells in ROWS if row == arguments)
    told = f"{learned.history.test_accuracy[-1]:.2%}".rstrip("%")
    assert english.startswith(f"{told} |")
    assert persian.startswith(f"{told} |")
    for training in re.findall(r"\(([\d.]+)%\)", english):  # said in a bracket
        assert training == f"{learned.history.train_accuracy[-1]:.2%}".rstrip("%")


def test_what_is_told_of_several_seeds_is_in_the_table_of_claims():
    chapter = SCRIPT.read_text(encoding="utf-8")
    claims = [figures for *_, figures in lessons.CLAIMS]
    rows = re.findall(r"(?m)^#     .*?((?:\d\.\d{4} +){3}[\d.]+) % +([\d.]+) %$", chapter)
    assert len(rows) == 14
    for row in rows:
        assert " ".join(" ".join(row).split()) in claims
    for figure in re.findall(r"(\d+\.\d+) %", chapter):
        assert figure in " ".join(claims).split()
    decimals = set(re.findall(r"\d+\.\d\d+", PLAIN[PLAIN.index('<div dir="rtl">') :]))
    assert decimals <= set(re.findall(r"\d+\.\d\d+", ENGLISH + chapter))


def test_the_pictures_are_there_and_small_enough_for_a_slow_line():
    pictures = set(re.findall(r"\.github/\w+\.(?:png|gif)", README))
    assert len(pictures) == 3
    for path in pictures:
        assert 0 < (ROOT / path).stat().st_size < 1_000_000


def test_each_paragraph_of_the_chapter_is_told_in_persian_with_its_numbers_and_code():
    assert persian.compare() == []
    assert persian.PERSIAN.read_text(encoding="utf-8") == persian.build()


def test_the_inline_metadata_and_the_requirements_ask_for_the_same():
    text = SCRIPT.read_text(encoding="utf-8")
    block = re.search(r"# /// script\n# .*\"(.+?)\"\n# dependencies = \[(.+?)\]\n# ///\n", text)
    requirements = (ROOT / "requirements.txt").read_text(encoding="utf-8").split()
    assert re.findall(r'"(.+?)"', block[2]) == requirements
    assert f"Python {block[1][2:]}" in ENGLISH
    assert sys.version_info >= tuple(map(int, block[1][2:].split(".")))
