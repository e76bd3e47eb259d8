"""The README says what the program does: its commands work, and its numbers are those that the program prints."""

import re
import shlex

import pytest
from process import SCRIPT, size_of_png

import neural_net_digits as nn

ROOT = SCRIPT.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
ENGLISH, PERSIAN = README.split('<div dir="rtl">\n\n##')
BLOCKS = re.findall(r"^```\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
TABLES = [
    re.split(r" *(?<!\\)\| *", line)[1:-1] for line in README.splitlines() if line.startswith("| ")
]
EXPERIMENTS = [
    (row[0].strip("`"), row[1])
    for row in TABLES
    if row[0].startswith("`python neural_net_digits.py")
]
IMAGE = (
    100 / 360 + 0.01
)  # the last digits of float32 sums are a matter of the processor: one test image of difference


def commands():
    """Return all commands in the README that run the script, as lists of their arguments."""
    lines = [line for block in BLOCKS for line in block.splitlines()] + re.findall(
        r"`([^`\n]+)`", README
    )
    runs = [
        re.search(r"(?:python|uv run|pipx run) neural_net_digits\.py(.*)", line) for line in lines
    ]
    return [shlex.split(match[1]) for match in runs if match]


def numbers(line):
    """Return the numbers in a line of a table."""
    return [float(word.strip("%")) for word in line.split()]


def test_the_two_commands_are_the_ones_that_ci_runs_and_stand_before_anything_else():
    for command in (
        "python -m pip install -r requirements.txt && python neural_net_digits.py",
        "python -m pip install -r tests/requirements.txt && python -m pytest",
    ):
        assert f"```\n{command}\n```" in README.split("\n## ")[0]
        assert f"```\n{command}\n```" in PERSIAN
        assert f"\n{command}\n" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


@pytest.mark.parametrize("arguments", commands(), ids=shlex.join)
def test_each_command_is_one_that_the_program_accepts(arguments):
    assert nn.parse_arguments(arguments)


def test_the_table_of_knobs_has_each_knob_and_flag_with_its_default():
    options = vars(nn.parse_arguments([]))
    options["no_show"] = options["compare_hidden"] = ""  # no default worth a word
    rows = [row for row in TABLES if len(row) == 4 and re.match(r"`[A-Z]|$", row[0])]
    listed = {row[1].strip("`").split()[0]: row[2] for row in rows if row[1]}
    assert listed == {
        f"--{name.replace('_', '-')}": str(default) for name, default in options.items()
    }
    knobs = {row[0].strip("`"): row[2] for row in rows if row[0]}
    assert knobs == {
        name: str(getattr(nn, name)) for name in ("LR", "EPOCHS", "HIDDEN", "SEED", "TEST_FRACTION")
    }


def test_what_it_prints_is_what_it_prints(real_run):
    block = next(block for block in BLOCKS if block.startswith("Loaded"))
    shown, printed = block.splitlines(), real_run[0].stdout.splitlines()
    assert len(shown) == len(printed)
    assert (shown[:4], shown[-1]) == (
        printed[:4],
        printed[-1],
    )  # all but time and the last digits is the same
    for ours, theirs in zip(shown[4:-2], printed[4:-2]):
        assert numbers(ours)[0] == numbers(theirs)[0]
        assert numbers(ours)[1:3] == pytest.approx(numbers(theirs)[1:3], rel=0.02)
        assert numbers(ours)[3:5] == pytest.approx(numbers(theirs)[3:5], abs=IMAGE)
    marks = [
        float(re.fullmatch(r"✅ Final Test Accuracy: ([\d.]+)%", text[-2])[1])
        for text in (shown, printed)
    ]
    assert marks[0] == pytest.approx(marks[1], abs=IMAGE)


def test_the_experiments_turn_one_knob_each_by_what_their_texts_say():
    lr, epochs = nn.LR, nn.EPOCHS
    settings = [nn.parse_arguments(shlex.split(command)[2:]) for command, _ in EXPERIMENTS]
    assert [s.lr for s in settings] == pytest.approx([lr / 10, lr * 10, lr * 100, lr, lr])
    assert [s.hidden for s in settings] == [16, 16, 16, 2, 16]
    assert [s.epochs for s in settings] == [epochs, epochs, epochs, epochs, epochs // 10]


@pytest.mark.parametrize(
    ("command", "accuracy"), EXPERIMENTS, ids=lambda text: text.partition(".py ")[2] or text
)
def test_an_experiment_ends_with_the_accuracy_that_is_told(command, accuracy, tmp_path, capsys):
    arguments = [*shlex.split(command)[2:], "--no-show", "--output", str(tmp_path / "picture.png")]
    nn.main(arguments)
    mark = float(re.search(r"Final Test Accuracy: ([\d.]+)%", capsys.readouterr().out)[1])
    assert float(accuracy.strip("%")) == pytest.approx(mark, abs=IMAGE)


def test_the_capacity_lesson_ends_as_it_is_told(tmp_path, capsys):
    block = next(block for block in BLOCKS if block.startswith("hidden")).splitlines()
    nn.main(
        ["--compare-hidden", "2", "4", "8", "--no-show", "--output", str(tmp_path / "picture.png")]
    )
    printed = capsys.readouterr().out.splitlines()[-5:-1]
    assert block[0] == printed[0]
    assert [int(numbers(row)[0]) for row in block[1:]] == [
        2,
        4,
        8,
        16,
        32,
        64,
    ]  # the three larger ones take long
    for ours, theirs in zip(block[1:4], printed[1:]):
        assert numbers(ours)[1:3] == pytest.approx(numbers(theirs)[1:3], rel=0.02)
        assert numbers(ours)[3:5] == pytest.approx(numbers(theirs)[3:5], abs=IMAGE)


def test_the_persian_part_tells_the_same_numbers():
    figures = set(
        re.findall(r"\d+\.\d+%?", PERSIAN.translate(str.maketrans("۰۱۲۳۴۵۶۷۸۹٫٪", "0123456789.%")))
    )
    assert {"96.67%", "0.00051", "54.44%"} <= figures
    assert figures <= set(re.findall(r"\d+\.\d+%?", ENGLISH + SCRIPT.read_text(encoding="utf-8")))
    assert f"| {nn.EPOCHS} |" in PERSIAN


def test_the_picture_is_one_of_the_program():
    [picture] = re.findall(r"!\[.+?\]\((.+?)\)", README)
    assert size_of_png(ROOT / picture) == (1560, 960)


def test_the_inline_metadata_and_the_requirements_ask_for_the_same():
    block = re.search(
        r"# /// script\n# requires-python = \"(.+?)\"\n# dependencies = \[(.+?)\]\n# ///\n",
        SCRIPT.read_text(),
    )
    requirements = (ROOT / "requirements.txt").read_text().split()
    assert re.findall(r'"(.+?)"', block[2]) == requirements
    assert [line.split(">=")[0] for line in requirements] == ["numpy", "matplotlib", "scikit-learn"]
    assert (
        f'target-version = "py{block[1][2:].replace(".", "")}"' in (ROOT / ".ruff.toml").read_text()
    )
    assert (ROOT / "tests" / "requirements.txt").read_text().splitlines()[
        0
    ] == "-r ../requirements.txt"


def test_the_file_can_be_read_in_one_sitting():
    lines = SCRIPT.read_text(encoding="utf-8").splitlines()
    assert len(lines) <= 400
    assert max(map(len, lines)) <= 120
