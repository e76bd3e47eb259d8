"""The program as its users meet it: what it prints, draws and saves, what it refuses, and what it survives."""

import itertools
import os
import re
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from types import SimpleNamespace

import matplotlib.pyplot as plt
import neural_net_digits as nn
import numpy as np
import pytest
from matplotlib.figure import Figure
from sklearn.metrics import confusion_matrix

from conftest import SCRIPT, run, size_of_png, surroundings

POSIX = pytest.mark.skipif(os.name != "posix", reason="needs the signals of a POSIX system")


# The real thing, once


def test_the_real_run_shows_a_digit_eleven_rows_and_its_mark(real_run):
    done, folder = real_run
    lines = done.stdout.splitlines()
    assert (done.returncode, done.stderr) == (0, "")
    assert lines[1:9] == nn.as_text(nn.load_images()[0][0]).splitlines()
    assert [line.split()[0] for line in lines[11:-2]] == [str(epoch) for epoch in range(0, 6501, 650)]
    assert float(re.fullmatch(r"✅ Final Test Accuracy: (\d\d\.\d\d)%", lines[-2])[1]) >= 95
    assert [path.name for path in folder.iterdir()] == ["neural_net_digits.png"]
    assert size_of_png(folder / "neural_net_digits.png") == (1560, 960)


# What was learned


@pytest.fixture
def quick(tmp_path):
    """Return a function that runs main without a window and with a picture in a new folder."""

    def main(*arguments, output=tmp_path / "picture.png"):
        return nn.main([*map(str, arguments), "--output", str(output), "--no-show"])

    return main


def test_each_flag_is_passed_on_and_main_returns_what_was_learned(quick):
    learned = quick("--lr", 0.001, "--epochs", 3, "--hidden", 5, "--seed", 1, "--test-fraction", 0.5)
    same = nn.learn_digits(hidden=5, lr=0.001, epochs=3, seed=1, test_fraction=0.5)
    for ours, theirs in zip(learned.params, same.params):
        np.testing.assert_array_equal(ours, theirs)
    assert (learned.X_train.shape, learned.X_test.shape) == ((898, 64), (899, 64))


def test_sizes_are_compared_in_order_and_each_once_and_end_as_they_do_alone(quick, capsys):
    networks = quick("--compare-hidden", 8, 2, 8, "--epochs", 20)
    rows = [line.split() for line in capsys.readouterr().out.splitlines()[-3:-1]]
    assert [row[0] for row in rows] == ["2", "8"] == [str(len(learned.params.b1)) for learned in networks]
    history = quick("--hidden", 8, "--epochs", 20).history
    expected = [
        history.train_loss[-1],
        history.test_loss[-1],
        history.test_loss[-1] - history.train_loss[-1],
    ]
    assert [float(cell) for cell in rows[1][1:4]] == pytest.approx(expected, abs=0.0001)
    expected = [history.train_accuracy[-1], history.test_accuracy[-1]]
    expected.append(expected[0] - expected[1])
    assert [float(cell.strip("%")) / 100 for cell in rows[1][4:]] == pytest.approx(expected, abs=0.0001)


def test_after_python_i_the_trained_network_can_be_looked_at(tmp_path):
    command = [sys.executable, "-i", str(SCRIPT), "--epochs", "5"]
    typed = "print(learned.params.W1.shape, len(learned.history.test_loss))\n"
    done = subprocess.run(
        command,
        cwd=tmp_path,
        env=surroundings(PYTHONUTF8="1"),
        input=typed,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.stdout.splitlines()[-1] == "(64, 16) 6"


@pytest.mark.parametrize("ending", ["png", "pdf", "svg", "PNG"])
def test_the_picture_is_written_in_the_format_of_its_name(quick, tmp_path, ending):
    quick("--epochs", 1, output=tmp_path / f"picture.{ending}")
    first_bytes = {"png": b"\x89PNG", "pdf": b"%PDF", "svg": b"<?xml"}[ending.lower()]
    assert (tmp_path / f"picture.{ending}").read_bytes().startswith(first_bytes)


@pytest.mark.parametrize("extreme", ["--hidden=1", "--hidden=300", f"--seed={2**70}", "--lr=1e-300", "--lr=1e30"])
@pytest.mark.filterwarnings("error")
def test_extremes_that_can_work_do(quick, tmp_path, extreme):
    quick("--epochs", 1, extreme)
    assert size_of_png(tmp_path / "picture.png") == (1560, 960)


# A right diagnosis


def test_a_network_that_only_guesses_gets_no_check_mark_but_a_hint(quick, capsys):
    quick("--epochs", 1)
    assert re.search(r"\nFinal Test Accuracy: .*guess.*\n.*--lr.*--epochs.*\n", capsys.readouterr().out)
    quick("--epochs", 300)
    assert re.search(r"\n✅ Final Test Accuracy: \d\d\.\d\d%\nPicture", capsys.readouterr().out)


def interrupt(monkeypatch, name, call):
    """Make a function of the script end in a KeyboardInterrupt when it is called for this time."""
    usual, left = getattr(nn, name), [call]

    def interrupted(*arguments):
        left[0] -= 1
        if left[0] == 0:
            raise KeyboardInterrupt
        return usual(*arguments)

    monkeypatch.setattr(nn, name, interrupted)


def test_who_stops_the_training_at_chance_is_asked_nothing(quick, capsys, monkeypatch):
    interrupt(monkeypatch, "backward", 2)
    quick("--epochs", 100)
    printed = capsys.readouterr().out
    assert "Stopped by Ctrl-C in epoch 2 of 100" in printed
    assert "--epochs" not in printed
    assert "✅" not in printed


def test_an_unfinished_network_is_marked_in_the_comparison(quick, capsys, monkeypatch):
    interrupt(monkeypatch, "backward", 5)
    assert len(quick("--compare-hidden", 2, 4, 8, "--epochs", 3)) == 2
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()[-3:-1]] == ["2", "4*"]


@pytest.mark.parametrize("lr", ["1e38", "1e300"])
def test_a_learning_rate_beyond_all_bounds_is_named_in_one_line(tmp_path, lr):
    done = run("--lr", lr, "--epochs", 5, folder=tmp_path, python=["-W", "error::RuntimeWarning"])
    assert done.returncode == 1
    assert re.fullmatch(rf".* epoch 1 .*--lr, now {re.escape(f'{float(lr):g}')}.*\n", done.stderr)
    assert not list(tmp_path.iterdir())


def test_images_that_are_no_numbers_are_not_blamed_on_the_learning_rate(quick, monkeypatch):
    X, y = nn.load_images()
    X[0, 20] = np.nan
    monkeypatch.setattr(nn, "load_images", lambda: (X, y))
    monkeypatch.setattr(nn, "as_text", str)
    with pytest.raises(SystemExit, match=r"before the first step(?!.*--lr).*images"):
        quick("--epochs", 2)


# What is refused before any work


@pytest.fixture
def refusal(monkeypatch, capsys):
    """Return a function that runs main, which has to refuse its arguments, and returns the line that says why."""

    def main(*arguments):
        monkeypatch.setattr(nn, "load_images", lambda: pytest.fail("work was done"))
        with pytest.raises(SystemExit, match=r"^2$"):
            nn.main([*arguments])
        printed = capsys.readouterr()
        usage, error = printed.err.split("error: ")
        assert (printed.out, usage.split()[0], error.count("\n")) == ("", "usage:", 1)
        return error

    return main


@pytest.mark.parametrize(
    ("flag", "values"),
    {
        "--lr": ["", "x", "nan", "inf", "-inf", "-1", "0", "1e999", "1e-999", "0,1", "1 2"],
        "--epochs": ["", "x", "nan", "inf", "-1", "0", "1.5", "1e3", "1000001", "9" * 5000],
        "--hidden": ["", "x", "nan", "inf", "-1", "0", "1.5", "10001", "9" * 30],
        "--seed": ["", "x", "nan", "inf", "-1", "1.5", "9" * 5000],
        "--test-fraction": ["", "x", "nan", "inf", "-0.2", "0", "0.009", "0.991", "1", "20"],
        "--compare-hidden": ["", "x", "nan", "-1", "0", "1.5", "10001"],
        "--output": [
            "",
            "picture",
            "picture.xyz",
            "picture.",
            ".",
            "..",
            "no/such/folder/x.png",
            "folder.png",
        ],
    }.items(),
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_value_that_cannot_work_is_refused_in_one_line_that_names_the_flag(
    flag, values, refusal, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder.png").mkdir()
    for value in values:
        assert refusal(f"{flag}={value}").startswith(f"argument {flag}: ")
    assert [path.name for path in tmp_path.iterdir()] == ["folder.png"]


@pytest.mark.parametrize(
    ("flag", "values"),
    {"--epochs": [1, 1000000], "--hidden": [1, 10000], "--test-fraction": [0.01, 0.99]}.items(),
)
def test_the_first_and_the_last_value_that_can_work_are_accepted(flag, values):
    for value in values:
        assert nn.parse_arguments([flag, str(value), "--no-show"])


@pytest.mark.parametrize(
    ("setting", "value"),
    [("LR", -1), ("LR", "x"), ("EPOCHS", 0), ("HIDDEN", 1.5), ("SEED", None), ("TEST_FRACTION", 1)],
)
def test_a_setting_at_the_top_that_cannot_work_is_refused_like_a_flag(setting, value, refusal, monkeypatch):
    monkeypatch.setattr(nn, setting, value)
    assert refusal().startswith(f"argument --{setting.lower().replace('_', '-')}: ")


def test_unknown_flags_and_sizes_are_refused(refusal):
    assert "--learning-rate" in refusal("--learning-rate", "1")
    assert "--compare-hidden" in refusal("--compare-hidden", "4", "8", "0")


@pytest.mark.parametrize("other", [["--no-show"], ["--compare-hidden", "2", "4"], []], ids=str)
def test_play_is_refused_where_there_is_no_window_or_more_than_one_network(refusal, other):
    assert refusal("--play", *other).startswith("argument --play: ")


def test_help_names_every_flag_with_its_default(capsys):
    with pytest.raises(SystemExit, match=r"^0$"):
        nn.parse_arguments(["--help"])
    words = " ".join(capsys.readouterr().out.split())
    for flag in (
        "--lr",
        "--epochs",
        "--hidden",
        "--seed",
        "--test-fraction",
        "--compare-hidden",
        "--play",
        "--no-show",
    ):
        assert f" {flag} " in words
    for default in (
        nn.LR,
        nn.EPOCHS,
        nn.HIDDEN,
        nn.SEED,
        nn.TEST_FRACTION,
        "neural_net_digits.png",
    ):
        assert f"({default})" in words


# The picture


@pytest.fixture(scope="module")
def learned():
    """Return a network that was trained for a short time."""
    return nn.learn_digits(epochs=30)


def panels(learned, draw=nn.draw_learned):
    """Draw what was learned; return the axes of the figure."""
    figure = Figure(figsize=(13, 8))
    draw(figure, learned)
    figure.canvas.draw()
    return figure.axes


def test_the_upper_panels_show_the_history_with_its_gap_and_its_median(learned):
    loss, accuracy, duration = axes = panels(learned)[:3]
    titles = ["Training vs Test Loss", "Training vs Test Accuracy", "Training Time (per epoch)"]
    assert [ax.get_title() for ax in axes] == titles
    assert [ax.get_ylabel() for ax in axes] == ["loss (log scale)", "right answers, %", "milliseconds"]
    history = learned.history
    for ax, curves in [
        (loss, [history.train_loss, history.test_loss]),
        (accuracy, [100 * history.train_accuracy, 100 * history.test_accuracy]),
    ]:
        for line, curve in zip(ax.lines, curves):
            np.testing.assert_array_equal(line.get_ydata(), curve)
            np.testing.assert_array_equal(line.get_xdata(), range(31))
        assert [text.get_text() for text in ax.get_legend().texts][:2] == [
            "training images",
            "test images",
        ]
    gap = history.test_loss[-1] - history.train_loss[-1]
    assert loss.get_legend().texts[2].get_text() == f"gap: {gap:.4f}"
    points, median = duration.lines
    np.testing.assert_allclose(points.get_ydata(), 1000 * history.epoch_seconds)
    np.testing.assert_allclose(median.get_ydata(), 1000 * np.median(history.epoch_seconds))
    assert f"{1000 * np.median(history.epoch_seconds):.3f} ms" in duration.get_legend().texts[0].get_text()
    assert median.get_color() != loss.lines[1].get_color()  # that is the colour of the test images


def test_the_lower_panels_show_the_weights_the_confusion_matrix_and_the_mistakes(learned):
    weights, confusion, mistakes = panels(learned)[3:6]
    picture = weights.images[0]
    tiles = [learned.params.W1[:, h].reshape(8, 8) for h in range(16)]
    drawn = picture.get_array()
    for h in (0, 1, 4, 15):
        top, left = 1 + 9 * (h // 4), 1 + 9 * (h % 4)
        np.testing.assert_array_equal(drawn[top : top + 8, left : left + 8], tiles[h])
    low, high = picture.get_clim()
    assert -low == high == abs(learned.params.W1).max()  # so that 0 is white
    answers = nn.forward(learned.params, learned.X_test)[1].argmax(axis=1)
    counts = np.zeros((10, 10))
    for text in confusion.texts:
        answer, label = text.get_position()
        counts[label, answer] = int(text.get_text())
    np.testing.assert_array_equal(counts, confusion_matrix(learned.y_test, answers))
    assert mistakes.get_title().startswith(f"{np.sum(answers != learned.y_test)} of 360 ")
    A2 = nn.forward(learned.params, learned.X_test)[1]
    surest = max(np.flatnonzero(answers != learned.y_test), key=lambda i: A2[i].max())
    assert mistakes.texts[0].get_text() == f"{learned.y_test[surest]} read as {answers[surest]}"
    np.testing.assert_array_equal(mistakes.images[0].get_array()[3:11, 3:11], learned.images_test[surest].reshape(8, 8))
    assert len(mistakes.texts) == 12


def test_a_network_without_mistakes_has_none_to_show():
    ax = Figure().subplots()
    nn.draw_mistakes(ax, np.ones((10, 64)), np.eye(10), np.arange(10))
    assert (ax.get_title()[:7], len(ax.images)) == ("0 of 10", 0)


def history_of(train_loss, test_loss):
    """Return a History with these losses."""
    n = len(train_loss)
    return nn.History(np.array(train_loss), np.array(test_loss), np.zeros(n), np.zeros(n), np.ones(n - 1) / 1000)


@pytest.mark.parametrize("losses", [[1.25, 0.1, 0.015], [0.31, 0.3, 0.29], [0.5, 0.5, 0.5], [1.2554, 0.9, 0.8]])
def test_the_loss_axis_has_ticks_in_plain_numbers_also_for_less_than_a_decade(losses):
    figure = Figure()
    ax = figure.subplots()
    nn.draw_loss(ax, history_of(losses, losses))
    figure.canvas.draw()
    low, high = ax.get_ylim()
    labels = [label.get_text() for label in ax.get_yticklabels() if low <= label.get_position()[1] <= high]
    assert len(labels) >= 3
    assert all(re.fullmatch(r"[\d.]+", label) for label in labels)


def test_epochs_are_whole_numbers_and_no_line_is_drawn_where_no_epoch_was_timed(learned):
    one, none = nn.learn_digits(epochs=1), nn.learn_digits(epochs=0)
    ticks = panels(one)[0].get_xticks()
    np.testing.assert_array_equal(ticks, np.round(ticks))
    assert not [line for line in panels(none)[2].lines if len(line.get_ydata()) > 0]


def test_the_comparison_shows_both_ends_and_the_gap_of_each_size_at_equal_distances():
    networks = [nn.learn_digits(hidden=n, epochs=30) for n in (2, 31, 32)]
    loss, accuracy = panels(networks, lambda figure, all_: nn.draw_comparison(figure, all_, ["2", "31", "32*"]))
    for ax in (loss, accuracy):
        assert [tick.get_text() for tick in ax.get_xticklabels()] == ["2", "31", "32*"]
        assert all(list(line.get_xdata()) == [0, 1, 2] for line in ax.lines)
    train, test, gap = (line.get_ydata() for line in loss.lines)
    np.testing.assert_array_equal(train, [each.history.train_loss[-1] for each in networks])
    np.testing.assert_array_equal(test, [each.history.test_loss[-1] for each in networks])
    np.testing.assert_allclose(gap, test - train)
    train, test, gap = (line.get_ydata() for line in accuracy.lines)
    np.testing.assert_allclose(train, [100 * each.history.train_accuracy[-1] for each in networks])
    np.testing.assert_allclose(gap, train - test)


def test_the_picture_is_the_same_whatever_the_readers_matplotlib_style(quick, tmp_path, monkeypatch):
    ticks = itertools.count()
    monkeypatch.setattr(nn, "time", SimpleNamespace(perf_counter=lambda: next(ticks)))  # the same times
    quick("--epochs", 2, output=tmp_path / "usual.png")
    with plt.style.context(["dark_background", {"image.origin": "lower", "font.size": 20, "savefig.dpi": 30}]):
        quick("--epochs", 2, output=tmp_path / "styled.png")
    assert (tmp_path / "usual.png").read_bytes() == (tmp_path / "styled.png").read_bytes()


@pytest.mark.parametrize(
    "trouble", [OSError(28, "No space left on device"), RuntimeError("No space"), KeyboardInterrupt()], ids=repr
)
def test_a_picture_that_cannot_be_saved_leaves_the_old_one_and_one_line(quick, tmp_path, monkeypatch, capsys, trouble):
    (tmp_path / "picture.png").write_bytes(b"the old picture")

    def save_half(figure, path, **options):
        with open(path, "wb") as file:
            file.write(b"half")
        raise trouble

    monkeypatch.setattr(Figure, "savefig", save_half)
    learned = quick("--epochs", 300)
    printed = capsys.readouterr()
    assert "✅ Final Test Accuracy" in printed.out
    assert "Picture saved" not in printed.out
    assert re.fullmatch(r"(Cannot save .*picture.png.*No space.*|Stopped by Ctrl-C.*)\n", printed.err)
    assert len(learned.history.test_loss) == 301
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("picture.png", b"the old picture")]


@POSIX
def test_a_disk_that_becomes_full_ends_the_program_with_status_1_after_the_accuracy(tmp_path):
    limit = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (20000, 20000))"  # no larger files
    code = f"{limit}; import runpy, sys; sys.argv = [{str(SCRIPT)!r}, '--epochs', '300']; "
    done = python(code + f"runpy.run_path({str(SCRIPT)!r}, run_name='__main__')", tmp_path)
    assert done.returncode == 1
    assert "Final Test Accuracy: " in done.stdout.splitlines()[-1]
    assert re.search(r"Cannot save the picture to neural_net_digits\.png: .*\n", done.stderr)
    assert not list(tmp_path.glob("*.p*"))


# The session that it runs in


def python(code, folder, *flags, **changes):
    """Run a piece of Python in a process of its own; return it when it has finished."""
    environment = surroundings(PYTHONPATH=str(SCRIPT.parent), PYTHONUTF8="1", **changes)
    command = [sys.executable, *flags, "-c", code]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=300)


def test_importing_the_script_changes_nothing_in_the_session(tmp_path):
    state = "[np.geterr(), warnings.filters[:], logging.getLogger('matplotlib').level, signal.getsignal(2)"
    state += ", sys.stdout.errors, dict.get(matplotlib.rcParams, 'backend'), os.environ.get('MPLBACKEND')]"
    packages = "import logging, os, signal, sys, warnings, numpy as np, matplotlib.pyplot, sklearn.datasets"
    code = f"{packages}; before = {state}; import neural_net_digits; print(before == {state})"
    assert python(code, tmp_path, MPLBACKEND="svg").stdout == "True\n"


@pytest.mark.filterwarnings("error")
def test_no_show_leaves_the_backend_and_opens_no_figure(quick, monkeypatch):
    monkeypatch.setattr(plt, "show", lambda: pytest.fail("something was shown"))
    before, open_figures = plt.get_backend(), plt.get_fignums()
    quick("--epochs", 1)
    quick("--epochs", 1)
    assert (plt.get_backend(), plt.get_fignums()) == (before, open_figures)


@pytest.mark.parametrize("flags", [[], ["-W", "error:::neural_net_digits"]], ids=str)
def test_in_a_session_main_ignores_the_arguments_of_others_and_closes_its_figures(tmp_path, flags):
    code = (
        "import sys; sys.argv = ['launcher.py', '-f', 'kernel.json']; import neural_net_digits as nn; nn.EPOCHS = 1; "
    )
    code += "nn.plt.switch_backend('svg'); nn.main(); nn.main(); print(nn.plt.get_fignums(), nn.plt.get_backend())"
    done = python(code, tmp_path, *flags)
    assert (done.returncode, done.stderr, done.stdout.splitlines()[-1]) == (0, "", "[] svg")


def test_in_a_notebook_each_section_shows_something_and_the_last_cell_shows_the_picture(tmp_path):
    jupytext = pytest.importorskip("jupytext")
    nbclient = pytest.importorskip("nbclient")
    pytest.importorskip("ipykernel")
    notebook = jupytext.reads(SCRIPT.read_text(encoding="utf-8"), fmt="py:percent")
    notebook.cells[0].source = notebook.cells[0].source.replace("EPOCHS = 6500", "EPOCHS = 20")
    extra = "print(learned.params.W1.shape, len(main().history.test_loss), plt.get_backend())"
    notebook.cells.append(jupytext.reads(extra, fmt="py:percent").cells[0])
    nbclient.NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(tmp_path)}}).execute()
    sections, shown = [], {}
    for cell in notebook.cells:
        headings = re.findall(r"(?m)^## (\d+)\.", cell.source) if cell.cell_type == "markdown" else []
        sections += headings
        if cell.cell_type == "code":
            shown.setdefault(sections[-1] if sections else "0", []).extend(cell.outputs)
            assert cell.source.count("\n") < 45 or int(sections[-1]) > 9  # no longer than a screen
    assert sections == [str(n) for n in range(1, 12)]
    assert all(shown[str(n)] for n in range(1, 10))
    assert any("image/png" in output.get("data", {}) for output in notebook.cells[-2].outputs)
    assert (
        "(64, 16) 21 "
        in notebook.cells[-1].outputs[-2 if "image/png" in str(notebook.cells[-1].outputs[-1]) else -1].text
    )


SURROUNDINGS = {
    "an ASCII console": ([], {"PYTHONIOENCODING": "ascii"}),
    "a cp1252 console, -O, no Tk window": (
        ["-O"],
        {"PYTHONIOENCODING": "cp1252", "MPLBACKEND": "TkAgg"},
    ),
    "the C locale, -OO, no Qt": (
        ["-OO"],
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "MPLBACKEND": "QtAgg"},
    ),
    "warnings as errors, a screen that is not there": (
        ["-W", "error:::__main__"],
        {"MPLBACKEND": "svg", "DISPLAY": ":99"},
    ),
    "a backend whose package is missing": ([], {"MPLBACKEND": "cairo"}),
    "a backend that fails with an error of its own": ([], {"MPLBACKEND": "module://broken"}),
}
if find_spec("matplotlib_inline"):  # without it, Matplotlib itself cannot be imported
    SURROUNDINGS["a notebook's backend"] = ([], {"MPLBACKEND": "module://matplotlib_inline.backend_inline"})


@pytest.fixture(scope="module")
def runs_in_surroundings(tmp_path_factory):
    """Run the script in each of the surroundings, two at a time; return a dict of finished processes and folders."""

    def start(item):
        name, (flags, changes) = item
        folder = tmp_path_factory.mktemp("surroundings")
        if name.startswith("a backend that fails"):
            (folder / "broken.py").write_text("raise RuntimeError")
            changes = {**changes, "PYTHONPATH": str(folder)}
        return name, (run("--epochs", 300, folder=folder, python=flags, **changes), folder)

    with ThreadPoolExecutor(2) as pool:
        return dict(pool.map(start, SURROUNDINGS.items()))


@pytest.mark.parametrize("name", SURROUNDINGS)
def test_no_surroundings_end_the_run_or_make_it_complain(name, runs_in_surroundings):
    done, folder = runs_in_surroundings[name]
    assert (done.returncode, done.stderr) == (0, "")
    assert re.search(r"Final Test Accuracy: .*\nPicture saved to neural_net_digits.png\n", done.stdout)
    assert size_of_png(folder / "neural_net_digits.png") == (1560, 960)


@pytest.mark.parametrize("package", ["numpy", "matplotlib.pyplot", "sklearn.datasets"])
def test_a_missing_package_is_named_with_the_command_that_installs_it(tmp_path, package):
    done = python(f"import sys; sys.modules[{package!r}] = None; import neural_net_digits", tmp_path)
    assert done.returncode == 1
    assert "# missing? python -m pip install" in done.stderr  # Python shows the line of the import
    assert package in done.stderr


# Trouble on the way


def start(folder, *arguments):
    """Start the script as a process whose output can be read while it runs."""
    command = [sys.executable, str(SCRIPT), *arguments]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "encoding": "utf-8"}
    return subprocess.Popen(command, cwd=folder, env=surroundings(PYTHONUTF8="1"), **pipes)


@pytest.mark.parametrize("compare", [[], ["--compare-hidden", "2", "16"]], ids=["one network", "a comparison"])
@POSIX
def test_ctrl_c_during_the_training_reports_and_draws_what_was_learned(tmp_path, compare):
    process = start(tmp_path, "--epochs", "1000000", *compare)
    while "     0  " not in process.stdout.readline():  # the row of the untrained network
        pass
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    output, errors = process.communicate(timeout=300)
    assert (process.returncode, errors) == (0, "")
    assert re.match(r"Stopped by Ctrl-C in epoch \d+ of 1000000", output)
    assert ("\n    2*" if compare else "Final Test Accuracy: ") in output
    size_of_png(tmp_path / "neural_net_digits.png")


def test_ctrl_c_before_there_is_anything_to_keep_ends_quietly(tmp_path):
    code = "exec('def press(*a): raise KeyboardInterrupt'); import sklearn.datasets as d; d.load_digits = press; "
    code += f"import runpy, sys; sys.argv = [{str(SCRIPT)!r}]; runpy.run_path(sys.argv[0], run_name='__main__')"
    done = python(code, tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")


@POSIX
def test_a_reader_who_closes_the_pipe_causes_no_traceback(tmp_path):
    process = start(tmp_path, "--epochs", "2000")
    assert process.stdout.readline().startswith("Loaded 1797 images")
    process.stdout.close()
    assert process.stderr.read() == ""
    assert process.wait(timeout=300) == 1


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs Linux's full disk, /dev/full")
def test_a_full_disk_behind_standard_output_is_reported_in_one_line(tmp_path):
    with open("/dev/full", "w") as full:
        command = [sys.executable, str(SCRIPT), "--epochs", "1"]
        done = subprocess.run(
            command,
            cwd=tmp_path,
            env=surroundings(),
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
        )
    assert (done.returncode, done.stderr) == (
        1,
        "Cannot go on: [Errno 28] No space left on device\n",
    )
