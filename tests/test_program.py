"""The program as its users meet it: what it prints, what it saves, what it refuses, and what it survives."""

import os
import re
import signal
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import matplotlib.pyplot as plt
import numpy as np
import pytest
from process import SCRIPT, run, size_of_png, surroundings

import neural_net_digits as nn

POSIX = pytest.mark.skipif(os.name != "posix", reason="needs the signals and files of a POSIX system")
CHANCE = "That is little better than guessing. Is --lr too large or too small? Too few --epochs or --hidden?"


# The real thing, once


def test_the_real_run_ends_well_and_says_nothing_on_standard_error(real_run):
    assert real_run[0].returncode == 0
    assert real_run[0].stderr == ""


def test_the_real_run_tells_its_facts_its_progress_and_its_mark(real_run):
    lines = real_run[0].stdout.splitlines()
    assert lines[0] == "Loaded 1797 images of 8x8 pixels"
    assert lines[1] == "64-16-10 network: 1,210 numbers to learn; 1437 training, 360 test images"
    assert [line.split()[0] for line in lines[3:-2]] == [str(epoch) for epoch in range(0, 6501, 650)]
    assert re.fullmatch(r"✅ Final Test Accuracy: \d\d\.\d\d%", lines[-2])
    assert lines[-1] == "Picture saved to neural_net_digits.png"


def test_the_real_run_reads_at_least_95_percent_of_the_test_images(real_run):
    mark = float(re.search(r"Accuracy: ([\d.]+)%", real_run[0].stdout)[1])
    assert mark >= 95
    assert (mark / 100 * 360) == pytest.approx(round(mark / 100 * 360), abs=0.02)  # so many of 360, and no rounding


def test_the_real_run_leaves_its_picture_and_nothing_else(real_run):
    _, folder = real_run
    assert [path.name for path in folder.iterdir()] == ["neural_net_digits.png"]
    assert size_of_png(folder / "neural_net_digits.png") == (1560, 960)


# The options


@pytest.fixture
def quick(tmp_path, capsys):
    """Return a function that runs main in this process with a picture in a new folder, and returns what it printed."""

    def main(*arguments, output=tmp_path / "picture.png"):
        nn.main([*map(str, arguments), "--output", str(output), "--no-show"])
        return capsys.readouterr().out.splitlines()

    return main


def test_each_option_does_what_it_says(quick, monkeypatch):
    seen, usual = [], nn.train

    def spy(params, *sets_lr_epochs):
        seen.append((params.b1.size, *sets_lr_epochs[-2:], params.W1[0, 0]))
        return usual(params, *sets_lr_epochs)

    monkeypatch.setattr(nn, "train", spy)
    quick("--lr", 0.001, "--epochs", 3, "--hidden", 5)
    quick("--lr", 0.001, "--epochs", 3, "--hidden", 5, "--seed", 1)
    assert seen[0][:3] == seen[1][:3] == (5, 0.001, 3)
    assert seen[0][3] != seen[1][3]


@pytest.mark.parametrize("ending", ["png", "pdf", "svg", "PNG"])
def test_the_picture_is_written_in_the_format_of_its_name(quick, tmp_path, ending):
    path = tmp_path / f"picture.{ending}"
    assert quick("--epochs", 1, output=path)[-1] == f"Picture saved to {path}"
    first_bytes = {"png": b"\x89PNG", "pdf": b"%PDF", "svg": b"<?xml"}[ending.lower()]
    assert path.read_bytes().startswith(first_bytes)


@pytest.mark.parametrize(
    "arguments", [["--hidden", 1], ["--hidden", 300], ["--seed", 2**70], ["--lr", 1e-300]], ids=str
)
def test_extremes_that_can_work_do(quick, tmp_path, arguments):
    quick("--epochs", 1, *arguments)
    assert size_of_png(tmp_path / "picture.png") == (1560, 960)


def test_a_run_that_has_learned_nothing_says_so_and_names_the_usual_causes(quick):
    assert CHANCE in quick("--epochs", 1)
    assert CHANCE not in quick("--epochs", 300)


@pytest.mark.parametrize(
    ("flag", "values"),
    {
        "--lr": ["", "x", "nan", "inf", "-inf", "-1", "0", "1e999", "1e-999", "0,1", "1 2"],
        "--epochs": ["", "x", "nan", "inf", "-1", "0", "1.5", "1e3", "1000001", "9" * 30, "9" * 5000],
        "--hidden": ["", "x", "nan", "inf", "-1", "0", "1.5", "10001", "9" * 30],
        "--seed": ["", "x", "nan", "inf", "-1", "1.5", "9" * 5000],
        "--compare-hidden": ["", "x", "nan", "-1", "0", "1.5", "10001", "9" * 30],
        "--output": ["", "picture", "picture.xyz", "picture.", ".", "..", "no/such/folder/x.png", "folder.png"],
    }.items(),
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_value_that_cannot_work_is_refused_before_any_work(flag, values, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(nn, "load_images", lambda: pytest.fail("work was done"))
    (tmp_path / "folder.png").mkdir()
    for value in values:
        with pytest.raises(SystemExit) as stop:
            nn.main([f"{flag}={value}"])
        usage, error = capsys.readouterr().err.split("error: ")
        assert stop.value.code == 2
        assert usage.startswith("usage: ")
        assert error.startswith(f"argument {flag}: ")
        assert error.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["folder.png"]


def test_the_last_of_several_sizes_is_checked_like_the_first(capsys):
    with pytest.raises(SystemExit, match="2"):
        nn.main(["--compare-hidden", "4", "8", "0"])
    assert "argument --compare-hidden: must be from 1 to 10000" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("knob", "value"), [("LR", -1), ("LR", "x"), ("EPOCHS", 0), ("HIDDEN", 1.5), ("SEED", None), ("TEST_FRACTION", 1)]
)
def test_a_knob_turned_too_far_at_the_top_of_the_file_is_refused_like_a_flag(knob, value, monkeypatch, capsys):
    monkeypatch.setattr(nn, knob, value)
    flag = knob if knob == "TEST_FRACTION" else f"--{knob.lower()}"
    with pytest.raises(SystemExit, match="2"):
        nn.main([])
    assert f"error: argument {flag}: " in capsys.readouterr().err


@pytest.mark.parametrize(
    "argument",
    ["--epochs=1", "--epochs=1000000", "--hidden=1", "--hidden=10000", "--compare-hidden=1", "--compare-hidden=10000"],
)
def test_the_first_and_the_last_value_that_is_allowed_are_accepted(argument):
    assert nn.parse_arguments([argument, "--no-show"])


@pytest.mark.parametrize("test_fraction", [0.01, 0.99])
def test_the_extreme_test_fractions_are_accepted(monkeypatch, test_fraction):
    monkeypatch.setattr(nn, "TEST_FRACTION", test_fraction)
    assert nn.parse_arguments(["--no-show"])


@pytest.mark.parametrize("test_fraction", [-0.2, 0, 0.009, 0.991, 1, float("nan")])
def test_a_test_fraction_that_leaves_too_little_is_refused(monkeypatch, capsys, test_fraction):
    monkeypatch.setattr(nn, "TEST_FRACTION", test_fraction)
    with pytest.raises(SystemExit, match=r"^2$"):
        nn.parse_arguments(["--no-show"])
    assert capsys.readouterr().err.endswith("error: argument TEST_FRACTION: must be from 0.01 to 0.99\n")


@pytest.mark.parametrize(
    ("argument", "reason"),
    [
        ("--lr=0", "--lr: must be a number above 0"),
        ("--epochs=0", "--epochs: must be from 1 to 1000000"),
        ("--hidden=0", "--hidden: must be from 1 to 10000"),
        ("--compare-hidden=0", "--compare-hidden: must be from 1 to 10000"),
        ("--seed=-1", "--seed: must be 0 or more"),
        ("--output=picture.xyz", "--output: must end in .png, .pdf, .svg, ..."),
        ("--output=folder.png", "--output: folder.png is a folder"),
        ("--output=no/such/x.png", "--output: cannot write into the folder no/such"),
    ],
)
def test_a_refusal_says_what_would_be_right(argument, reason, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder.png").mkdir()
    with pytest.raises(SystemExit, match=r"^2$"):
        nn.parse_arguments([argument])
    assert capsys.readouterr().err.endswith(f"error: argument {reason}\n")


@pytest.mark.parametrize(
    "words",
    [
        "Train a network on handwritten digits and draw how it learned.",
        "--lr LR learning rate (0.00051)",
        "--epochs N number of steps (6500)",
        "--hidden N hidden neurons (16)",
        "--seed N split and weights (0)",
        "--compare-hidden N [N ...] compare these sizes",
        "--output OUTPUT file for the picture (neural_net_digits.png)",
        "--no-show save the picture without showing it",
    ],
)
def test_help_says_what_each_flag_takes_means_and_is_by_default(words, capsys):
    with pytest.raises(SystemExit, match=r"^0$"):
        nn.parse_arguments(["--help"])
    assert words in " ".join(capsys.readouterr().out.split())


def test_only_the_permission_to_write_into_the_folder_is_asked_for(tmp_path, monkeypatch):
    asked = []
    monkeypatch.setattr(os, "access", lambda path, mode: asked.append((path, mode)) or True)
    nn.parse_arguments(["--no-show", "--output", str(tmp_path / "x.png")])
    assert (str(tmp_path), os.W_OK) in asked


@pytest.mark.parametrize(("arguments", "chosen"), [(["--no-show"], "agg"), ([], "svg")], ids=["--no-show", "nothing"])
def test_no_show_takes_a_backend_without_windows_and_otherwise_the_users_own_is_kept(arguments, chosen, monkeypatch):
    switched = []
    monkeypatch.setattr(nn, "backend", "svg", raising=False)
    monkeypatch.setattr(plt, "get_backend", lambda: "svg")
    monkeypatch.setattr(plt, "switch_backend", switched.append)
    nn.parse_arguments(arguments)
    assert switched == [chosen]


def test_an_unknown_flag_ends_a_real_process_with_status_2_and_no_traceback(tmp_path):
    done = run("--learning-rate", 1, folder=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("usage: neural_net_digits.py")
    assert done.stderr.endswith("error: unrecognized arguments: --learning-rate 1\n")


# The picture


def panels(quick, *arguments):
    """Run the program and return the axes of its figure."""
    quick(*arguments)
    return plt.gcf().axes


@pytest.fixture(autouse=True)
def close_figures():
    """Leave no figure open for the next test."""
    yield
    plt.close("all")


def test_the_picture_has_six_panels_that_say_what_is_seen(quick):
    axes = panels(quick, "--epochs", 30)
    assert [axis.get_title() for axis in axes[:5]] == [
        "Training vs Test Loss",
        "Training vs Test Accuracy",
        "Training Time (per epoch)",
        "Weights of each hidden neuron",
        "Confusion matrix",
    ]
    assert re.fullmatch(r"\d+ of 360 test images wrong, surest first", axes[5].get_title())
    assert re.fullmatch(r"64-16-10 network: final test accuracy \d+\.\d\d%", plt.gcf().get_suptitle())
    assert axes[0].get_yscale() == "log"


def test_the_curves_are_those_of_the_history():
    curves = [np.linspace(1, k, 4) for k in (2, 3, 4, 5)]
    axes = plt.figure().subplots(1, 3)
    nn.draw_training(axes, nn.History(*curves, np.array([0.001, 0.002, 0.009])))
    drawn = [line.get_ydata() for axis in axes for line in axis.lines]
    np.testing.assert_allclose(drawn[0], curves[0])
    np.testing.assert_allclose(drawn[1], curves[1])
    np.testing.assert_allclose(drawn[2], 100 * curves[2])
    np.testing.assert_allclose(drawn[3], 100 * curves[3])
    np.testing.assert_allclose(drawn[4], [1, 2, 9])
    np.testing.assert_allclose(drawn[5], [2, 2])
    assert axes[2].get_ylabel() == "milliseconds (median 2.000)"


def test_the_loss_axis_writes_numbers_as_the_table_does():
    axis = plt.figure().subplots()
    nn.draw_two_curves(axis, range(3), [1.25, 0.1, 0.015], [1.25, 0.11, 0.03], "", "", "", yscale="log")
    labels = [label.get_text() for label in axis.get_yticklabels(which="both")]
    assert {"0.02", "0.05", "0.1", "0.2", "0.5", "1"} <= set(labels)
    assert all(label == f"{float(label):g}" for label in labels)


@pytest.fixture
def inside():
    """Draw the inside of a network of three hidden neurons that takes one of four images of a digit d for d + 1."""
    y = np.repeat(np.arange(10), 4)
    A2 = np.eye(10)[y]
    A2[::4] = 0.5 * np.roll(A2[::4], 1, axis=1)
    A2[4] *= 1.5  # of its mistakes, it is surest of this one: a 1 that it takes for a 2
    W1, images = np.arange(-64.0, 128).reshape(64, 3) + 0.5, np.arange(40 * 64.0).reshape(40, 64)
    axes = plt.figure().subplots(1, 3)
    nn.draw_inside(axes, W1, images, A2, y)
    return axes, W1, images


def test_each_hidden_neurons_weights_are_an_8x8_image_on_one_scale_with_0_in_the_middle(inside):
    (axis, _, _), W1, _ = inside
    picture = axis.images[0]
    assert picture.get_clim() == (-127.5, 127.5)
    np.testing.assert_array_equal(picture.get_array()[0:8, 0:8], W1[:, 0].reshape(8, 8))
    np.testing.assert_array_equal(picture.get_array()[0:8, 9:17], W1[:, 1].reshape(8, 8))
    np.testing.assert_array_equal(picture.get_array()[9:17, 0:8], W1[:, 2].reshape(8, 8))


def test_the_confusion_matrix_counts_what_each_digit_was_taken_for(inside):
    (_, axis, _), _, _ = inside
    counts = {(text.get_position(), text.get_text()) for text in axis.texts}
    expected = {((d, d), "3") for d in range(10)} | {(((d + 1) % 10, d), "1") for d in range(10)}
    assert counts == expected
    assert (axis.get_xlabel(), axis.get_ylabel()) == ("the network said", "the test image shows")


def test_the_mistakes_are_shown_with_what_was_said_and_what_was_right_surest_first(inside):
    (_, _, axis), _, images = inside
    assert axis.get_title() == "10 of 40 test images wrong, surest first"
    assert [text.get_text() for text in axis.texts[:3]] == ["said 2, was 1", "said 1, was 0", "said 3, was 2"]
    assert len(axis.texts) == 10
    np.testing.assert_array_equal(axis.images[0].get_array()[3:11, 0:8], images[4].reshape(8, 8))


def test_a_network_without_mistakes_has_none_to_show():
    y = np.arange(10)
    axes = plt.figure().subplots(1, 3)
    nn.draw_inside(axes, np.ones((64, 1)), np.ones((10, 64)), np.eye(10), y)
    assert axes[2].get_title() == "0 of 10 test images wrong, surest first"
    assert not axes[2].images


def test_of_many_mistakes_twelve_are_shown(quick):
    axes = panels(quick, "--epochs", 1)
    assert len(axes[5].texts) == 12


def test_the_picture_is_shown_where_it_can_be(monkeypatch, tmp_path):
    shown = []
    monkeypatch.setattr(plt, "show", lambda: shown.append(plt.gcf()))
    nn.main(["--epochs", "1", "--output", str(tmp_path / "x.png")])
    assert len(shown) == 1


# The capacity lesson


def test_sizes_are_compared_in_order_and_each_once(quick, tmp_path):
    lines = quick("--compare-hidden", 8, 2, 8, 4, "--epochs", 2)
    assert [line.split()[0] for line in lines if "network" in line] == ["64-2-10", "64-4-10", "64-8-10"]
    assert lines[-5].split()[0] == "hidden"
    assert [line.split()[0] for line in lines[-4:-1]] == ["2", "4", "8"]
    assert size_of_png(tmp_path / "picture.png") == (1560, 600)


def test_a_size_in_the_comparison_ends_as_it_does_alone(quick):
    compared = quick("--compare-hidden", 3, 16, "--epochs", 20)
    alone = quick("--hidden", 16, "--epochs", 20)
    row = compared[-2].split()
    assert alone[-2] == f"✅ Final Test Accuracy: {row[4]}"
    assert alone[-3].split()[1:5] == row[1:5]
    assert float(row[5]) == pytest.approx(float(row[2]) / float(row[1]), abs=0.006)


def test_the_comparison_ticks_every_size_and_draws_the_table(quick):
    axes = panels(quick, "--compare-hidden", 2, 3, 40, "--epochs", 2)
    for axis in axes:
        assert axis.get_xscale() == "log"
        assert [tick.get_text() for tick in axis.get_xticklabels(which="both")] == ["2", "3", "40"]
        assert list(axis.lines[0].get_xdata()) == [2, 3, 40]
    assert [axis.get_title() for axis in axes] == ["Final Loss", "Final Accuracy"]


def test_ctrl_c_during_the_comparison_keeps_what_was_learned_until_then(quick, monkeypatch):
    usual, left = nn.backward, [5]

    def interrupted(*arguments):
        left[0] -= 1
        if left[0] == 0:
            raise KeyboardInterrupt
        return usual(*arguments)

    monkeypatch.setattr(nn, "backward", interrupted)
    lines = quick("--compare-hidden", 2, 4, 8, "--epochs", 3)  # the fifth epoch is the second of the second network
    assert "Stopped by Ctrl-C in epoch 2 of 3; what was learned so far is kept." in lines
    assert [line.split()[0] for line in lines[-4:]] == ["hidden", "2", "4", "Picture"]


# Surroundings


SURROUNDINGS = {
    "an ASCII console and no home": ([], {"PYTHONIOENCODING": "ascii", "HOME": "/none", "XDG_CACHE_HOME": "/none"}),
    "a cp1252 console, -O, no Tk": (["-O"], {"PYTHONIOENCODING": "cp1252", "MPLBACKEND": "TkAgg"}),
    "the C locale, -OO, no Qt": (
        ["-OO"],
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "MPLBACKEND": "QtAgg"},
    ),
    "warnings as errors, a screen that is not there": (
        ["-W", "error::RuntimeWarning", "-W", "error::UserWarning"],
        {"MPLBACKEND": "svg", "DISPLAY": ":99"},
    ),
    "a backend whose package is missing": ([], {"MPLBACKEND": "cairo"}),
    "a notebook's backend": ([], {"MPLBACKEND": "module://matplotlib_inline.backend_inline"}),
}


@pytest.fixture(scope="module")
def runs_in_surroundings(tmp_path_factory):
    """Run the script in each of the surroundings, two at a time; return a dict of finished processes and folders."""

    def start(item):
        name, (python, changes) = item
        folder = tmp_path_factory.mktemp("surroundings")
        return name, (run("--epochs", 20, folder=folder, python=python, **changes), folder)

    with ThreadPoolExecutor(2) as pool:
        return dict(pool.map(start, SURROUNDINGS.items()))


@pytest.mark.parametrize("name", SURROUNDINGS)
def test_no_surroundings_end_the_run_or_make_it_complain(name, runs_in_surroundings):
    done, folder = runs_in_surroundings[name]
    assert (done.returncode, done.stderr) == (0, "")
    assert re.search(r"Final Test Accuracy: .*\nPicture saved to neural_net_digits.png\n", done.stdout)
    assert size_of_png(folder / "neural_net_digits.png") == (1560, 960)


def script_with(preparation, folder, *arguments):
    """Run the script in a process of its own in which the preparation, a piece of Python, was carried out before."""
    code = f"import runpy, sys; sys.argv = {[str(SCRIPT), *arguments]}; {preparation}; "
    command = [sys.executable, "-c", code + f"runpy.run_path({str(SCRIPT)!r}, run_name='__main__')"]
    return subprocess.run(command, cwd=folder, env=surroundings(), capture_output=True, text=True, timeout=300)


@pytest.mark.parametrize("package", ["numpy", "matplotlib", "sklearn"])
def test_a_missing_package_is_named_in_one_line_that_says_what_to_do(tmp_path, package):
    done = script_with(f"sys.modules[{package!r}] = None", tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert package in done.stderr
    assert done.stderr.endswith("python -m pip install numpy matplotlib scikit-learn\n")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    "moment",
    [
        "import builtins; usual = builtins.__import__; builtins.__import__ = lambda name, *rest: press() "
        "if name == 'numpy' else usual(name, *rest)",
        "import sklearn.datasets; sklearn.datasets.load_digits = lambda: press()",
    ],
    ids=["while the packages are imported", "before the training"],
)
def test_ctrl_c_before_the_training_ends_quietly(tmp_path, moment):
    press = "exec('def press(): raise KeyboardInterrupt')"
    done = script_with(f"{press}; {moment}", tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")


def test_a_notebook_runs_the_cells_with_its_own_arguments_and_backend_and_goes_on(tmp_path):
    code = SCRIPT.read_text(encoding="utf-8").replace("EPOCHS = 6500", "EPOCHS = 3")
    kernel = "import sys; sys.argv = ['launcher.py', '-f', 'kernel.json']; sys.modules['ipykernel'] = sys"
    cells = f"{kernel}; exec({code!r}); print('the next cell', plt.get_backend())"
    command = [sys.executable, "-c", cells]
    environment = surroundings(MPLBACKEND="svg")
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, timeout=300)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.splitlines()[-1] == b"the next cell svg"


# Trouble on the way


@pytest.mark.parametrize("compare", [[], ["--compare-hidden", "2", "16"]], ids=["one network", "a comparison"])
@POSIX
def test_ctrl_c_during_the_training_reports_and_draws_what_was_learned(tmp_path, compare):
    command = [sys.executable, str(SCRIPT), "--epochs", "1000000", *compare]
    environment = surroundings(PYTHONUTF8="1")
    process = subprocess.Popen(
        command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8"
    )
    for _ in range(4):  # two lines of facts, the header, and the untrained network: now it is training
        process.stdout.readline()
    process.send_signal(signal.SIGINT)
    output, errors = process.communicate(timeout=300)
    assert (process.returncode, errors) == (0, "")
    lines = output.splitlines()
    assert re.match(r"Stopped by Ctrl-C in epoch \d+ of 1000000; what was learned so far is kept\.", lines[0])
    if compare:
        assert [line.split()[0] for line in lines[-3:-1]] == ["hidden", "2"]
    else:
        assert lines[-2].startswith("✅ Final Test Accuracy: ")
    size_of_png(tmp_path / "neural_net_digits.png")


@POSIX
def test_a_reader_who_closes_the_pipe_causes_no_traceback(tmp_path):
    command = [sys.executable, str(SCRIPT), "--epochs", "2000"]
    process = subprocess.Popen(
        command, cwd=tmp_path, env=surroundings(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8"
    )
    assert process.stdout.readline() == "Loaded 1797 images of 8x8 pixels\n"
    process.stdout.close()
    assert process.stderr.read() == ""
    assert process.wait(timeout=300) == 1


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs Linux's full disk, /dev/full")
def test_a_full_disk_takes_the_picture_but_not_what_was_printed(tmp_path):
    (tmp_path / "picture.png").symlink_to("/dev/full")
    done = run("--epochs", 20, "--output", "picture.png", folder=tmp_path)
    assert done.returncode == 1
    assert "Final Test Accuracy: " in done.stdout.splitlines()[-1]
    assert re.fullmatch(r"Cannot save the picture to picture\.png: .*No space left on device.*\n", done.stderr)


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs Linux's full disk, /dev/full")
def test_a_full_disk_behind_standard_output_is_reported_in_one_line(tmp_path):
    with open("/dev/full", "w") as full:
        command = [sys.executable, str(SCRIPT), "--epochs", "1"]
        done = subprocess.run(
            command, cwd=tmp_path, env=surroundings(), stdout=full, stderr=subprocess.PIPE, text=True, timeout=300
        )
    assert (done.returncode, done.stderr) == (1, "Cannot go on: [Errno 28] No space left on device\n")


@pytest.mark.parametrize("loss", ["folder", "permission"])
@POSIX
def test_a_folder_or_permission_lost_meanwhile_takes_the_picture_but_not_the_mark(tmp_path, monkeypatch, capsys, loss):
    if loss == "permission" and os.geteuid() == 0:
        pytest.skip("root may write anywhere")
    folder, usual = tmp_path / "folder", nn.train
    folder.mkdir()

    def train_and_lose(*arguments):
        folder.rmdir() if loss == "folder" else folder.chmod(stat.S_IRUSR | stat.S_IXUSR)
        return usual(*arguments)

    monkeypatch.setattr(nn, "train", train_and_lose)
    with pytest.raises(SystemExit, match=r"^1$"):
        nn.main(["--epochs", "1", "--no-show", "--output", str(folder / "picture.png")])
    printed = capsys.readouterr()
    assert "Final Test Accuracy: " in printed.out
    assert re.fullmatch(r"Cannot save the picture to .*picture\.png: \[Errno \d+\] .*\n", printed.err)


def test_a_learning_rate_beyond_all_bounds_ends_with_one_line_and_status_1(tmp_path):
    done = run("--lr", "1e38", "--epochs", 5, folder=tmp_path, python=["-W", "error::RuntimeWarning"])
    assert done.returncode == 1
    assert done.stderr == "After epoch 1 the loss is not a number any more: lower --lr, now 1e+38\n"
    assert not list(tmp_path.iterdir())
