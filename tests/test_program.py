"""What a user can rely on: what is printed, drawn and saved, what is refused, what is survived."""

import os
import re
import runpy
import signal
import time
from unittest.mock import Mock

import matplotlib.pyplot as plt
import numpy as np
import pytest
from conftest import SCRIPT, check_that_all_can_be_read, interrupt, run, start
from matplotlib.figure import Figure
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.datasets import load_digits
from sklearn.metrics import confusion_matrix

import neural_net_digits as nn


@pytest.fixture
def quick(tmp_path, monkeypatch):
    """Return a function that runs the program with flags and --no-show: it opens no figure."""
    monkeypatch.setattr(plt, "figure", lambda **size: pytest.fail("a figure was opened"))

    def main(flags, output="picture.png"):
        return nn.main([*flags.split(), "--no-show", "--output", tmp_path / output])

    return main


# What is printed, returned and saved
def test_the_first_image_is_printed_with_dots_for_paper(capsys):
    nn.print_first_image()
    heading, *rows = capsys.readouterr().out.replace(".", "0").splitlines()
    assert_array_equal(np.int64([row.split() for row in rows]), load_digits().images[0])
    assert heading.endswith(f"shows a {load_digits().target[0]}:")


def test_sizes_are_compared_in_order_each_once_and_end_as_they_do_alone(quick, capsys):
    quick("--compare-hidden 8 2 8 --epochs 20")
    lines = capsys.readouterr().out.replace("%", "").splitlines()[-3:-1]
    rows = np.float64([line.split() for line in lines])
    assert rows[:, 0].tolist() == [2, 8]
    a, b, c, d = (curve[-1] for curve in quick("--hidden 8 --epochs 20").history[1:5])
    assert rows[1, 1:4] == pytest.approx([a, b, b - a], abs=0.0001)
    assert rows[1, 4:7] == pytest.approx([100 * c, 100 * d, 100 * (c - d)], abs=0.01)
    assert (rows[:, 7] > 0).all()


def test_the_flags_change_what_they_name(quick):
    learned = quick("--lr 0.01 --epochs 3 --hidden 5 --seed 7 --test-fraction 0.5")
    same = nn.learn_digits(hidden=5, lr=0.01, epochs=3, seed=7, test_fraction=0.5)
    assert len(learned.y_test) == 899
    assert_array_equal(learned.params.W1, same.params.W1)
    assert quick("--epochs 1").params.W1.shape == (64, 16)


def test_after_python_i_the_trained_network_can_be_looked_at(tmp_path):
    typed = "print(learned.params.W1.shape, len(learned.history.epoch_seconds))\n"
    _, out, _ = run("-i", SCRIPT, "--epochs", 5, folder=tmp_path, typed=typed)
    assert out.splitlines()[-1] == "(64, 16) 5"


@pytest.mark.filterwarnings("error", "ignore::DeprecationWarning")  # of older packages
@pytest.mark.parametrize("flags", ["--hidden 1", "--hidden 300", "--lr 1e-300", "--lr 1e30"])
def test_extremes_that_can_work_give_a_picture_in_the_format_of_its_name(quick, tmp_path, flags):
    output = "a.PNG" if "lr" in flags else "a.pdf"
    quick(f"--epochs 1 --seed {2**70} {flags}", output)
    written = (tmp_path / output).read_bytes()
    assert written[1:4].decode() == output[-3:].upper()  # they begin with %PDF or \x89PNG


def test_each_picture_is_drawn_by_its_function_and_is_sharp(quick, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(nn, "draw_comparison", lambda figure, _: figure.set_facecolor("red"))
    quick("--epochs 300")
    assert "\n✅ Final Test Accuracy: 83.33%\nPicture saved" in capsys.readouterr().out
    picture = plt.imread(tmp_path / "picture.png")
    assert picture.shape[:2] == (832, 1560)
    assert picture[0, 0].tolist() == [1, 1, 1, 1]
    quick("--epochs 1 --compare-hidden 2")
    assert plt.imread(tmp_path / "picture.png")[0, 0].tolist() == [1, 0, 0, 1]


STOPPED = "Stopped by Ctrl-C after {} epochs.*\n.*\n"
ENDS = {
    "--epochs 1": r"\nFinal Test Accuracy: .*\n.*guess.*--lr.*--hidden.*\n.*section 6.*\n",
    "--epochs 99": STOPPED.format("3 of 99") + "Final Test Accuracy: .*\n",
    "--compare-hidden 2 4 8 --epochs 2": STOPPED.format("1 of 2") + "hid.*\n +2 .*\n +4[*] .*\n",
    "--compare-hidden 2 4 8 --epochs 3": STOPPED.format("0 of 3") + "hid.*\n +2 .*\n +4[*] .*\n",
}


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("flags", ENDS)
def test_the_end_says_if_the_network_guesses_or_was_stopped(quick, capsys, monkeypatch, flags):
    interrupt(monkeypatch, "backward", 4)
    quick(flags)
    assert re.search(ENDS[flags] + "Picture saved", capsys.readouterr().out)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("flags", ["--lr 1e38", "--lr 1e300 --compare-hidden 2 3"])
def test_a_learning_rate_beyond_all_bounds_is_named_in_one_line(quick, flags):
    with pytest.raises(SystemExit, match=r"^The loss is not a finite number: lower --lr\.$"):
        quick(f"{flags} --epochs 5")


# What is refused before any work
def refusal(capsys, monkeypatch, *flags):
    """Run the program, which has to refuse these flags before any work; return the line why."""
    monkeypatch.setattr(nn, "load_images", None)
    with pytest.raises(SystemExit, match=r"^2$"):
        nn.main([*flags])
    out, err = capsys.readouterr()
    assert out == ""
    return re.fullmatch(r".*: error: (.*)\n", err)[1]  # one line, and no more


NO_NUMBER = ["x", "nan", "inf", "-1", "-1e-9", "0,1"]
REFUSED = {
    "--lr": [*NO_NUMBER, "0", "1e999"],
    "--epochs": [*NO_NUMBER, "0", "1.5"],
    "--hidden": [*NO_NUMBER, "0", "1.5"],
    "--seed": [*NO_NUMBER, "1.5"],
    "--test-fraction": [*NO_NUMBER, "0", "0.999", "1"],
    "--compare-hidden": [*NO_NUMBER, "0", "1.5"],
    "--output": ["", "picture", "picture.xyz", ".", "no/folder/x.png", "folder.png"],
}


@pytest.mark.parametrize("flag", REFUSED)
def test_a_value_that_cannot_work_is_refused(flag, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder.png").mkdir()
    for value in REFUSED[flag]:
        reason = refusal(capsys, monkeypatch, flag, value)
        assert reason.startswith(f"argument {flag}: ")
        assert "expected one argument" not in reason


@pytest.mark.parametrize("setting", ["LR", "EPOCHS", "HIDDEN", "SEED", "TEST_FRACTION"])
def test_a_setting_at_the_top_is_refused_like_its_flag(setting, capsys, monkeypatch):
    for value in (-1, "x", None):
        monkeypatch.setattr(nn, setting, value)
        reason = refusal(capsys, monkeypatch)
        assert reason.startswith(f"argument --{setting.lower().replace('_', '-')}: ")


def test_play_is_refused_without_a_window_and_beside_what_shows_none(capsys, monkeypatch):
    reason = refusal(capsys, monkeypatch, "--play")
    assert re.match("argument --play: .*terminal.*notebook.*screen.*python3-tk", reason)
    monkeypatch.setattr(nn, "has_window", lambda: True)
    for clash in (["--no-show"], ["--compare-hidden", "2"]):
        reason = refusal(capsys, monkeypatch, "--play", *clash)
        assert re.match("argument --play: .*--no-show.*--compare-hidden", reason)


@pytest.mark.parametrize("flags", ["--learning-rate 1", "--compare-hidden 4 0", "1", "--lr"])
def test_flags_that_are_none_are_refused(flags, capsys, monkeypatch):
    reason = refusal(capsys, monkeypatch, *flags.split())
    assert re.match(f"(argument|unrecognized arguments:) {flags.split()[0]}", reason)


def test_help_shows_each_flag_and_only_defaults_that_say_something(capsys):
    with pytest.raises(SystemExit, match=r"^0$"):
        nn.main(["--help"])
    text = capsys.readouterr().out
    assert not re.search(r"default: (None|False|\[\])", text)
    for flag in [*REFUSED, "--no-show", "--play", "(default: 0.00051)", "(default: 6500)"]:
        assert flag in text


# The picture
def panels(draw, what):
    """Let one of the drawing functions draw, so that all can be read; return its axes."""
    figure = Figure(figsize=nn.SIZE)
    draw(figure, what)
    check_that_all_can_be_read(figure)
    return figure.axes


def words_in(ax):
    """Return all that is written in a panel, in one text."""
    return "\n".join(text.get_text() for text in ax.texts)


def test_the_upper_panels_show_the_history(learned):
    history = learned.history
    loss, accuracy, duration = axes = panels(nn.draw_learned, learned)[:3]
    accuracies = 100 * np.array(history[3:5])
    for ax, curves, form in [(loss, history[1:3], ".4f"), (accuracy, accuracies, ".2f")]:
        for line, curve, text, name in zip(ax.lines, curves, ax.texts, ["training", "test"]):
            assert_array_equal(line.get_xydata().T, [history.epochs, curve])
            assert text.get_text() == f"{name}\n{curve[-1]:{form}}"
            assert text.get_color() == line.get_color()
        assert (ax.texts[0].get_va() == "bottom") == (curves[0][-1] > curves[1][-1])
    low, high = loss.get_ylim()
    assert low < 0 < high == 4 * history.test_loss[-1]
    assert f"starts at {history.train_loss[0]:.4f}" in words_in(loss)
    assert "guessing: about 10" in words_in(accuracy)
    assert_allclose(accuracy.lines[2].get_ydata(), 10)
    assert accuracy.get_ylim() == pytest.approx((0, 100), abs=5)
    milliseconds = 1000 * history.epoch_seconds
    steps, drawn = duration.lines[0].get_data()
    assert_allclose(drawn, milliseconds[steps - 1])
    assert_allclose(duration.lines[1].get_ydata(), np.median(milliseconds))
    assert duration.get_ylim()[0] == 0
    assert f"median\n{np.median(milliseconds):.3f} ms" in words_in(duration)
    assert (f"{300 - len(drawn)} slower" in words_in(duration)) == (len(drawn) < 300)
    gap = history.test_loss[-1] - history.train_loss[-1]
    points = 100 * (history.train_accuracy[-1] - history.test_accuracy[-1])
    titles = [f"Loss (gap: {gap:.3f})", f"Accuracy (gap: {points:.1f})"]
    titles += [f"Time (300 steps together: {milliseconds.sum() / 1000:.3f} s)"]
    assert [ax.get_title() for ax in axes] == titles
    assert all(ax.get_xlabel() == "epoch" and ax.get_ylabel() for ax in axes)
    assert f"{history.test_accuracy[-1]:.2%}" in loss.figure.get_suptitle()


def test_the_lower_panels_show_the_weights_the_confusion_matrix_and_the_mistakes(learned):
    weights, confusion, mistakes = panels(nn.draw_learned, learned)[3:]
    ink = nn.ink_weights(learned)
    assert_allclose([image.get_array().ravel() for image in weights.images], ink)
    (limits,) = {image.get_clim() for image in weights.images}
    assert -limits[0] == limits[1] > 0  # so that 0 is white
    assert re.search("red raises.*blue lowers", weights.get_xlabel())
    assert f"{limits[1]:.2f} or more" in weights.get_xlabel()
    best, worst = learned.params.W2.argmax(axis=1), learned.params.W2.argmin(axis=1)
    assert words_in(weights).split("\n") == [f"+{i} -{j}" for i, j in zip(best, worst)]
    _, A2 = nn.read_images(learned, learned.images_test)
    answers = A2.argmax(axis=1)
    counts = np.zeros((10, 10))
    for text in confusion.texts:
        answer, label = text.get_position()
        counts[label, answer] = int(text.get_text())
    assert_array_equal(counts, confusion_matrix(learned.y_test, answers))
    shades = confusion.images[0].get_array()
    assert (np.sign(shades) == np.sign(counts) * (1 - 2 * np.eye(10))).all()
    assert shades[shades > 0].min() > -shades.min()  # a mistake is darker than all right answers
    assert "answer" in confusion.get_xlabel()
    assert "label" in confusion.get_ylabel()
    wrong = np.flatnonzero(answers != learned.y_test)
    surest = wrong[(-A2[wrong].max(axis=1)).argsort()][:12]
    assert mistakes.get_title().startswith(f"{len(wrong)} of 360 ")
    for i, image, caption in zip(surest, mistakes.images, mistakes.texts):
        assert_array_equal(image.get_array().ravel(), learned.images_test[i])
        assert caption.get_text() == f"{learned.y_test[i]} read as {answers[i]}"
        left, right, _, top = image.get_extent()  # y grows downwards
        x, y = caption.get_position()
        assert left < x < right
        assert top - 2 < y < top
    assert len(mistakes.images) == len(mistakes.texts) == 12
    for ax in (weights, mistakes):
        for image in ax.images:
            left, right, bottom, top = image.get_extent()
            assert right - left == bottom - top == 8  # a square
            assert ax.get_xlim()[0] < left < right < ax.get_xlim()[1]
    assert not mistakes.axison
    assert not [*weights.get_xticks(), *weights.get_yticks()]  # images have no scale


def test_ink_raises_z_by_its_weight_and_a_pixel_that_never_changes_has_none(learned):
    image = learned.images_test[0].copy()
    x = [nn.standardize(image + ink * np.eye(64)[20], learned.mean, learned.std) for ink in (0, 1)]
    assert_allclose((x[1] - x[0]) @ learned.params.W1, nn.ink_weights(learned)[:, 20], rtol=1e-4)
    assert (nn.ink_weights(learned)[:, learned.images_train.max(axis=0) == 0] == 0).all()


UNUSUAL = [{"hidden": 2}, {"lr": 0.051}, {"test_fraction": 0.9}, {"epochs": 1}]


@pytest.mark.parametrize("settings", UNUSUAL, ids=str)
def test_all_can_be_read_whatever_was_learned(settings):
    ax = panels(nn.draw_learned, nn.learn_digits(**{"epochs": 20, **settings}))[0]
    assert_array_equal(ax.get_xticks(), np.round(ax.get_xticks()))  # whole epochs


def test_a_network_without_mistakes_has_none_to_show():
    ax = Figure().subplots()
    nn.draw_mistakes(ax, np.ones((10, 64)), np.eye(10), np.arange(10))
    assert ax.get_title().startswith("0 of 10 ")
    assert not ax.texts


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("names", [["2", "31", "32*"], ["16"], list("123456789*")])
def test_the_comparison_shows_the_ends_of_each_size(learned, names):
    history = learned.history
    loss, accuracy, gap, duration = panels(nn.draw_comparison, dict.fromkeys(names, history))
    for ax, ends in [(loss, history[1:3]), (accuracy, 100 * np.array(history[3:5]))]:
        for line, curve in zip(ax.lines, ends):
            assert_array_equal(line.get_ydata(), [curve[-1]] * len(names))
            assert line.get_marker() == "o"  # one size alone is seen, too
    bars = [{bar.get_height() for bar in ax.patches} for ax in (gap, duration)]
    assert bars[0] == {history.test_loss[-1] - history.train_loss[-1]}
    assert bars[1] == {1000 * np.median(history.epoch_seconds)}
    titles = ["Final loss", "Final accuracy", "Gap: test loss minus training loss"]
    titles += ["Time of a step (median)"]
    assert [ax.get_title() for ax in loss.figure.axes] == titles
    for ax in loss.figure.axes:
        assert [label.get_text() for label in ax.get_xticklabels()] == names
        assert "hidden neurons (* stopped early)" in ax.get_xlabel()
        assert ax.get_ylabel() in ("loss", "right answers, %", "milliseconds")
        assert ax.get_ylim()[0] == 0


# The surroundings
def test_in_a_notebook_the_last_cell_shows_the_picture_once(tmp_path):
    jupytext, nbclient = pytest.importorskip("jupytext"), pytest.importorskip("nbclient")
    pytest.importorskip("ipykernel")
    code = SCRIPT.read_text(encoding="utf-8").replace("EPOCHS = 6500", "EPOCHS = 20")
    notebook = jupytext.reads(code, fmt="py:percent")
    resources = {"metadata": {"path": str(tmp_path)}}
    environment = {**os.environ, "MPLBACKEND": "module://matplotlib_inline.backend_inline"}
    client = nbclient.NotebookClient(notebook, timeout=300, resources=resources)
    client.execute(env=environment)
    assert str([cell.get("outputs") for cell in notebook.cells]).count("image/png") == 1
    assert "image/png" in str(notebook.cells[-1].outputs)


@pytest.mark.parametrize("backend", ["svg", "module://broken"])
def test_a_console_without_the_check_mark_and_a_broken_backend_do_no_harm(tmp_path, backend):
    (tmp_path / "broken.py").write_text("raise RuntimeError", encoding="utf-8")
    changes = {"PYTHONIOENCODING": "ascii", "PYTHONWARNINGS": "error:::__main__"}
    status, out, err = run(SCRIPT, "--epochs=300", folder=tmp_path, MPLBACKEND=backend, **changes)
    assert (status, err) == (0, "")
    assert re.search(r"Final Test Accuracy: .*\nPicture saved to .*\n", out)


def test_a_screen_without_a_window_system_is_told_in_words(tmp_path):
    code = "import neural_net_digits as nn; nn.main(['--epochs', 1])"
    _, out, err = run("-c", code, folder=tmp_path, DISPLAY=":no")
    assert err == ""
    assert re.search("Picture saved .*\nNo window can be opened.*python3-tk\n$", out)


def test_a_picture_that_cannot_be_saved_is_told_after_the_accuracy(quick, monkeypatch, capsys):
    monkeypatch.setattr(Figure, "savefig", Mock(side_effect=OSError("No space left")))
    with pytest.raises(
        SystemExit, match=r"^The picture .*picture.png is not saved: No space left$"
    ):
        quick("--epochs 1")
    assert "Final Test Accuracy" in capsys.readouterr().out


# Ctrl-C
def test_ctrl_c_before_there_is_anything_to_keep_ends_quietly(monkeypatch, capsys):
    monkeypatch.setattr("sklearn.datasets.load_digits", Mock(side_effect=KeyboardInterrupt))
    monkeypatch.setattr("sys.argv", [str(SCRIPT)])
    with pytest.raises(SystemExit, match=r"^130$"):
        runpy.run_path(str(SCRIPT), run_name="__main__")
    assert capsys.readouterr() == ("", "")


@pytest.mark.skipif(os.name != "posix", reason="needs a POSIX system")
def test_ctrl_c_after_the_accuracy_ends_at_once(tmp_path):
    # Python ignores Ctrl-C if its parent does (nohup, &), so each process is told not to.
    code = "import signal, sys, time, neural_net_digits as nn\n"
    code += "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
    code += "nn.draw_learned = lambda figure, learned: time.sleep(60)\n"
    code += "nn.main(['--epochs', 1])"
    process = start("-c", code, folder=tmp_path)
    while "section 6" not in process.stdout.readline():  # the last line before the picture
        pass
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    assert process.communicate(timeout=10)[1] == ""
    assert process.returncode == -signal.SIGINT  # a shell says 130


def test_ctrl_c_works_as_before_when_main_has_returned(quick):
    before = signal.getsignal(signal.SIGINT)
    quick("--epochs 1")
    assert signal.getsignal(signal.SIGINT) is before
