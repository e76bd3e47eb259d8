"""What a user can rely on: what is printed, drawn and saved, what is refused, what is survived."""

import os
import re
import runpy
from unittest.mock import Mock, patch

import matplotlib.pyplot as plt
import numpy as np
import pytest
from conftest import SCRIPT, check_that_all_can_be_read, interrupt, run
from matplotlib.figure import Figure
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.metrics import confusion_matrix

import neural_net_digits as nn


@pytest.fixture
def quick(tmp_path, monkeypatch):
    """Return a function that runs the program with flags and --no-show: it opens no figure."""
    monkeypatch.setattr(plt, "figure", lambda **size: pytest.fail("a figure was opened"))

    def main(flags, output="picture.png"):
        return nn.main([*flags.split(), "--no-show", "--output", str(tmp_path / output)])[0]

    return main


# What is printed and returned
def test_sizes_are_compared_in_order_each_once_and_end_as_they_do_alone(quick, capsys):
    quick("--compare-hidden 8 2 8 --epochs 20")
    lines = capsys.readouterr().out.replace("%", "").splitlines()[-3:-1]
    rows = np.float64([line.split() for line in lines])
    assert rows[:, 0].tolist() == [2, 8]
    a, b, c, d = (curve[-1] for curve in quick("--hidden 8 --epochs 20").history[:4])
    assert rows[1, 1:4] == pytest.approx([a, b, b - a], abs=0.0001)
    assert rows[1, 4:] == pytest.approx([100 * c, 100 * d, 100 * (c - d)], abs=0.01)


def test_after_python_i_the_trained_network_can_be_looked_at(tmp_path):
    typed = "print(learned.params.W1.shape, len(learned.history.test_loss))\n"
    done = run("-i", SCRIPT, "--epochs", 5, folder=tmp_path, typed=typed)
    assert done.stdout.splitlines()[-1] == "(64, 16) 6"


@pytest.mark.filterwarnings("error", "ignore::DeprecationWarning")  # of older packages
@pytest.mark.parametrize("flag", ["--hidden=1", "--hidden=300", "--lr=1e-300", "--lr=1e30"])
@pytest.mark.parametrize("output", ["a.PNG", "a.pdf", 251 * "a" + ".png"])
def test_extremes_that_can_work_give_a_picture_in_its_format(quick, tmp_path, flag, output):
    quick(f"--epochs 1 --seed {2**70} {flag}", output)
    written = (tmp_path / output).read_bytes()
    assert written[1:4].decode() == output[-3:].upper()  # they begin with %PDF or \x89PNG


# The right diagnosis
STOPPED = "Stopped by Ctrl-C after {} epochs.*\n.*\n"
ENDS = {
    "--epochs 1": r"\nFinal Test Accuracy: .*\n.*guess.*--lr.*--epochs.*\n",  # and no ✅
    "--epochs 99": STOPPED.format("3 of 99") + "Final Test Accuracy: .*\n",
    "--compare-hidden 2 4 8 --epochs 2": STOPPED.format("1 of 2") + "hid.*\n +2 .*\n +4[*] .*\n",
}


@pytest.mark.parametrize("flags", ENDS)
def test_the_end_says_if_the_network_guesses_or_was_stopped(quick, capsys, monkeypatch, flags):
    interrupt(monkeypatch, "backward", 4)
    quick(flags)
    assert re.search(ENDS[flags] + "Picture saved", capsys.readouterr().out)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("lr", ["1e38", "1e300"])
def test_a_learning_rate_beyond_all_bounds_is_named_in_one_line(quick, lr):
    with pytest.raises(SystemExit, match=r"^.* epoch 1 .*--lr.*$"):
        quick(f"--lr {lr} --epochs 5")


def test_images_that_are_no_numbers_are_not_blamed_on_the_learning_rate(quick, monkeypatch):
    X, y = nn.load_images()
    X[1:, 20] = np.nan
    monkeypatch.setattr(nn, "load_images", lambda: (X, y))
    with pytest.raises(SystemExit, match=r"epoch 0 (?!.*--lr).*images"):
        quick("--epochs 2")


# What is refused before any work
def refusal(capsys, *flags):
    """Run the program, which has to refuse these flags before any work; return the line why."""
    with pytest.raises(SystemExit, match=r"^2$"), patch.object(nn, "load_images", None):
        nn.main([*flags])
    printed = capsys.readouterr()
    assert printed.out == ""
    return re.fullmatch(r".*: error: (.*)\n", printed.err)[1]  # one line, and no more


NO_NUMBER = ["", "x", "nan", "inf", "-1", "0,1", "1 2", "9" * 5000]
REFUSED = {
    "--lr": [*NO_NUMBER, "0", "1e999", "1e-999"],
    "--epochs": [*NO_NUMBER, "0", "1.5", "1e3", "1000001"],
    "--hidden": [*NO_NUMBER, "0", "1.5", "10001"],
    "--seed": [*NO_NUMBER, "1.5"],
    "--test-fraction": [*NO_NUMBER, "0", "0.009", "0.991", "1"],
    "--compare-hidden": [*NO_NUMBER, "0", "1.5", "10001"],
    "--output": ["", "picture", "picture.xyz", "picture.", ".", "no/folder/x.png", "folder.png"],
}
BOUNDS = {"--epochs": "1 1000000", "--hidden": "1 10000", "--test-fraction": "0.01 0.99"}
NO_COMMAND = ["--learning-rate 1", "--compare-hidden 4 0", "1", "--lr"]
NO_COMMAND += ["--play", "--play --no-show", "--play --compare-hidden 2 4"]  # without a window


@pytest.mark.parametrize("flag", REFUSED)
def test_a_value_that_cannot_work_is_refused_by_its_flag(flag, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder.png").mkdir()
    for value in REFUSED[flag]:
        reason = refusal(capsys, f"{flag}={value}")
        assert reason.startswith(f"argument {flag}: ")
    for bound in BOUNDS.get(flag, "").split():
        assert bound in reason
        assert nn.parse_arguments([flag, bound])


@pytest.mark.parametrize("setting", ["LR", "EPOCHS", "HIDDEN", "SEED", "TEST_FRACTION"])
def test_a_setting_at_the_top_is_refused_like_its_flag(setting, capsys, monkeypatch):
    for value in (-1, "x", None):
        monkeypatch.setattr(nn, setting, value)
        assert refusal(capsys).startswith(f"argument --{setting.lower().replace('_', '-')}: ")


@pytest.mark.parametrize("flags", NO_COMMAND)
def test_flags_that_are_none_or_cannot_work_together_are_refused(flags, capsys):
    flags = flags.split()
    assert re.match(f"(argument|unrecognized arguments:) {flags[0]}", refusal(capsys, *flags))


# The picture
def panels(draw, *arguments):
    """Let one of the drawing functions draw, so that all can be read; return its axes."""
    figure = Figure(figsize=(13, 8 if draw is nn.draw_learned else 5))
    draw(figure, *arguments)
    check_that_all_can_be_read(figure)
    return figure.axes


def names_in(texts):
    """Return what is written in a list of labels."""
    return [text.get_text() for text in texts]


def test_the_upper_panels_show_the_history_its_gap_and_its_median(learned):
    history = learned.history
    loss, accuracy, duration = axes = panels(nn.draw_learned, learned)[:3]
    for ax, curves in [(loss, history[:2]), (accuracy, 100 * np.array(history[2:4]))]:
        assert names_in(ax.get_legend().texts)[:2] == ["training images", "test images"]
        for line, curve in zip(ax.lines, curves):
            assert_array_equal(line.get_xydata().T, [range(301), curve])
    gap = history.test_loss[-1] - history.train_loss[-1]
    assert names_in(loss.get_legend().texts)[2] == f"gap: {gap:.4f}"
    points, median = (line.get_ydata() for line in duration.lines)
    assert_allclose(points, 1000 * history.epoch_seconds)
    assert_allclose(median, np.median(points))
    assert duration.lines[1].get_color() != loss.lines[1].get_color()  # that of the test images
    assert f"{history.test_accuracy[-1]:.2%}" in loss.figure.get_suptitle()
    assert accuracy.get_ylim() == pytest.approx((0, 100), abs=5)
    for ax, what in zip(axes, ["Loss", "Accuracy", "Time"]):
        assert what in ax.get_title()
        assert (ax.get_xlabel(), ax.get_ylabel() != "") == ("epoch", True)


def test_the_lower_panels_show_the_weights_the_confusion_matrix_and_the_mistakes(learned):
    weights, confusion, mistakes, colours = panels(nn.draw_learned, learned)[3:]
    drawn = [ax.images[0].get_array() for ax in (weights, confusion, mistakes)]
    neurons, shades, mistake = map(np.ma.getdata, drawn)
    neurons = neurons.reshape(4, 9, 4, 9)[:, 1:, :, 1:].swapaxes(1, 2)  # 4x4, each of 8x8 pixels
    assert_array_equal(neurons.reshape(16, 64), learned.params.W1.T)
    low, high = weights.images[0].get_clim()
    assert -low == high == abs(learned.params.W1).max()  # so that 0 is white
    assert "raises" in colours.get_ylabel()
    assert not [*weights.get_xticks(), *weights.get_yticks()]
    A2 = nn.forward(learned.params, learned.X_test)[1]
    answers = A2.argmax(axis=1)
    counts = np.zeros((10, 10))
    for text in confusion.texts:
        answer, label = text.get_position()
        counts[label, answer] = int(text.get_text())
        assert (text.get_ha(), text.get_va()) == ("center", "center")
    assert_array_equal(counts, confusion_matrix(learned.y_test, answers))
    assert (np.diff(shades.ravel()[counts.argsort(axis=None)]) >= 0).all()  # more is darker
    assert [*confusion.get_xticks()] == [*confusion.get_yticks()] == [*range(10)]
    assert "answer" in confusion.get_xlabel()
    assert "label" in confusion.get_ylabel()
    wrong = np.flatnonzero(answers != learned.y_test)
    surest = wrong[A2[wrong].max(axis=1).argmax()]
    assert mistakes.get_title().startswith(f"{len(wrong)} of 360 ")
    assert mistakes.texts[0].get_text() == f"{learned.y_test[surest]} read as {answers[surest]}"
    assert len(mistakes.texts) == 12
    assert_array_equal(mistake[3:11, 3:11].ravel(), learned.images_test[surest])
    assert mistakes.images[0].get_clim() == (0, 16)


def test_a_network_without_mistakes_has_none_to_show():
    ax = Figure().subplots()
    nn.draw_mistakes(ax, np.ones((10, 64)), np.eye(10), np.arange(10))
    assert ax.get_title().startswith("0 of 10 ")
    assert not ax.texts


@pytest.mark.parametrize("losses", [[1.25, 0.1, 0.015], [0.31, 0.3, 0.29], [0.5, 0.5], [1.3, 0.6]])
def test_the_loss_axis_has_ticks_in_plain_numbers_also_for_less_than_a_decade(losses):
    ax = Figure().subplots()
    nn.draw_loss(ax, nn.History(*np.array([losses] * 5)))
    ax.figure.canvas.draw()
    low, high = ax.get_ylim()
    labels = [tick for tick in ax.get_yticklabels() if low <= tick.get_position()[1] <= high]
    assert len(labels) >= 2
    assert all(re.fullmatch(r"[\d.]+", name) for name in names_in(labels))
    assert ax.get_yscale() == "log"


def test_epochs_are_whole_numbers_and_without_an_epoch_no_time_is_drawn():
    ticks = panels(nn.draw_learned, nn.learn_digits(epochs=1))[0].get_xticks()
    assert_array_equal(ticks, np.round(ticks))
    assert not panels(nn.draw_learned, nn.learn_digits(epochs=0))[2].lines


@pytest.mark.filterwarnings("error")
def test_the_comparison_shows_the_ends_of_each_size_and_their_gap_at_equal_distances():
    table = {"2": (0.3, 0.3004, 0.5, 0.45), "31": (0.1, 0.3, 0.9, 0.8), "32*": (0.1, 0.2, 1, 0.9)}
    losses = [0.3, 0.1, 0.1], [0.3004, 0.3, 0.2], [0.0004, 0.2, 0.1]
    accuracies = [50, 90, 100], [45, 80, 90], [5, 10, 10]
    for ax, shown in zip(panels(nn.draw_comparison, table), [losses, accuracies]):
        assert names_in(ax.get_xticklabels()) == ["2", "31", "32*"]
        assert "hidden neurons" in ax.get_xlabel()
        *curves, gap = names_in(ax.get_legend().texts)
        assert (curves, gap[:3]) == (["training images", "test images"], "gap")
        assert_allclose([line.get_ydata() for line in ax.lines], shown)
        assert np.diff(ax.lines[0].get_xdata(orig=False)).tolist() == [1, 1]


def test_the_picture_is_the_same_whatever_the_readers_style(quick, tmp_path, monkeypatch):
    monkeypatch.setattr(nn, "time", Mock(perf_counter=Mock(side_effect=range(8))))
    quick("--epochs 2", output="usual.png")
    with plt.style.context(["dark_background", {"image.origin": "lower", "savefig.dpi": 30}]):
        quick("--epochs 2", output="styled.png")
    assert (tmp_path / "usual.png").read_bytes() == (tmp_path / "styled.png").read_bytes()


# The session that it runs in
@pytest.mark.parametrize("wish", [{}, {"OPENBLAS_NUM_THREADS": "2"}], ids=["usual", "chosen"])
def test_importing_changes_nothing_but_numpys_threads_to_one_if_none_are_chosen(tmp_path, wish):
    state = "np.geterr(), warnings.filters[:], logging.getLogger('matplotlib').level"
    state += ", dict.get(matplotlib.rcParams, 'backend'), sys.stdout.errors, signal.getsignal(2)"
    code = "import logging, os, signal, sys, warnings, numpy as np, matplotlib.pyplot"
    code += f", sklearn.datasets; before = {state}; import neural_net_digits"
    code += f"; print(before == ({state}), os.environ['OPENBLAS_NUM_THREADS'])"
    threads = wish.get("OPENBLAS_NUM_THREADS", "1")
    assert run("-c", code, folder=tmp_path, MPLBACKEND="svg", **wish).stdout == f"True {threads}\n"


def test_in_a_notebook_all_examples_show_something_and_the_last_cell_the_picture(tmp_path):
    jupytext, nbclient = pytest.importorskip("jupytext"), pytest.importorskip("nbclient")
    pytest.importorskip("ipykernel")
    code = SCRIPT.read_text(encoding="utf-8").replace("EPOCHS = 6500", "EPOCHS = 20")
    code += "\n# %%\nprint(learned.params.W1.shape, main()[1])"
    notebook = jupytext.reads(code, fmt="py:percent")
    resources = {"metadata": {"path": str(tmp_path)}}
    nbclient.NotebookClient(notebook, timeout=300, resources=resources).execute()
    *examples, last, added = [cell.outputs for cell in notebook.cells if cell.get("outputs")]
    assert len(examples) == 9
    assert "image/png" in str(last)
    assert "(64, 16) True" in str(added)


SURROUNDINGS = {
    "an ASCII console": {"PYTHONIOENCODING": "ascii"},
    "a Windows console, no Tk window": {"PYTHONIOENCODING": "cp1252", "MPLBACKEND": "TkAgg"},
    "the C locale, no Qt": {"LC_ALL": "C", "PYTHONUTF8": "0", "MPLBACKEND": "QtAgg"},
    "a backend with an error of its own": {"MPLBACKEND": "module://broken"},
    "-OO -W error": {"PYTHONOPTIMIZE": "2", "PYTHONWARNINGS": "error:::__main__"},
}


@pytest.mark.parametrize("changes", SURROUNDINGS.values(), ids=SURROUNDINGS)
def test_no_surroundings_end_the_run_or_make_it_complain(tmp_path, changes):
    (tmp_path / "broken.py").write_text("raise RuntimeError", encoding="utf-8")
    done = run(SCRIPT, "--epochs", 300, folder=tmp_path, **changes)
    assert (done.returncode, done.stderr) == (0, "")
    assert re.search(r"Final Test Accuracy: .*\nPicture saved to .*\n$", done.stdout)


@pytest.mark.parametrize("package", ["numpy", "matplotlib.pyplot", "sklearn.datasets"])
def test_a_missing_package_is_named_with_the_command_that_installs_it(tmp_path, package):
    code = f"import sys; sys.modules[{package!r}] = None; import neural_net_digits"
    done = run("-c", code, folder=tmp_path)
    assert (done.returncode, package in done.stderr) == (1, True)
    assert "# python -m pip install" in done.stderr  # Python shows the line of the import


# Trouble on the way
def test_ctrl_c_during_the_training_reports_and_draws_what_was_learned(tmp_path):
    code = "import _thread, threading, neural_net_digits as nn; "
    code += "threading.Timer(2, _thread.interrupt_main).start(); nn.main(['--epochs', '1000000'])"
    done = run("-c", code, folder=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    end = r"Stopped by Ctrl-C after \d+ of 1000000 .*\n.*\n✅ Final Test Accuracy: .*\nPicture"
    assert re.search(end, done.stdout)
    assert (tmp_path / "neural_net_digits.png").exists()


def test_ctrl_c_before_there_is_anything_to_keep_ends_quietly(monkeypatch, capsys):
    interrupt(monkeypatch, "load_images", 1)
    with pytest.raises(SystemExit, match=r"^130$"):
        nn.run_program([])
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("trouble", [RuntimeError("No space"), KeyboardInterrupt()], ids=repr)
def test_a_picture_that_cannot_be_saved_leaves_the_old_one(tmp_path, monkeypatch, capsys, trouble):
    def save(figure, path):
        if str(trouble) == "No space":
            path.write_bytes(b"half")
        raise trouble

    monkeypatch.setattr(Figure, "savefig", save)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "old.png").write_bytes(b"the old picture")
    monkeypatch.setattr("sys.argv", [str(SCRIPT), "--epochs=300", "--no-show", "--output=old.png"])
    with pytest.raises(SystemExit, match=r"^1$"):
        runpy.run_path(str(SCRIPT), run_name="__main__")
    printed = capsys.readouterr()
    assert "✅ Final Test Accuracy" in printed.out
    cause = str(trouble) or "KeyboardInterrupt"
    assert re.fullmatch(rf".*old\.png is not saved: .*{cause}.*\n", printed.err)
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"the old picture"]


@pytest.mark.skipif(os.name != "posix", reason="needs a POSIX system")
def test_a_reader_who_closes_the_pipe_causes_no_traceback(tmp_path):
    reader, writer = os.pipe()
    os.close(reader)
    done = run(SCRIPT, "--epochs", 1, folder=tmp_path, stdout=writer)
    os.close(writer)
    assert (done.returncode, done.stderr) == (1, "")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs Linux's full disk, /dev/full")
def test_a_full_disk_behind_standard_output_is_told_in_one_line(tmp_path):
    with open("/dev/full", "w", encoding="utf-8") as full:
        done = run(SCRIPT, "--epochs", 1, folder=tmp_path, stdout=full)
    assert done.returncode == 1
    assert re.fullmatch(r"Cannot go on: .*No space left.*\n", done.stderr)
