"""What the test files share: the script as a process, and the digits, prepared as in section 9."""

import itertools
import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # found however pytest is started
import neural_net_digits as nn  # before NumPy: it sets how many threads NumPy uses

import matplotlib.pyplot as plt  # isort: skip
import numpy as np  # isort: skip

SCRIPT = Path(nn.__file__).resolve()
plt.switch_backend("agg")  # no test in this process opens a window


def start(*command, folder, **changes):
    """Start Python in a folder, without a screen; what it prints comes as text."""
    ours = ("DISPLAY", "WAYLAND_DISPLAY", "MPLBACKEND", "OPENBLAS_NUM_THREADS")
    environment = {name: value for name, value in os.environ.items() if name not in ours}
    environment.update({"PYTHONPATH": str(SCRIPT.parent), "PYTHONUTF8": "1", **changes})
    return subprocess.Popen(
        [sys.executable, *map(str, command)],
        cwd=folder,
        env=environment,
        encoding="utf-8",
        errors="replace",
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def run(*command, folder, typed="", **changes):
    """Run Python in a folder until it ends; return its exit status, its output and its errors."""
    process = start(*command, folder=folder, **changes)
    output, errors = process.communicate(typed, timeout=300)
    return SimpleNamespace(status=process.returncode, output=output, errors=errors)


def check_that_all_can_be_read(figure):
    """Check that nothing in a figure is cut off, and that no text or panel covers another."""
    figure.canvas.draw()
    texts = [text.get_window_extent() for ax in figure.axes for text in ax.texts]
    panels = [ax.get_tightbbox() for ax in figure.axes]
    panels += [title.get_window_extent() for title in figure.texts]
    for boxes in (texts, panels):
        for one, other in itertools.combinations(boxes, 2):
            assert not one.overlaps(other)
        for box in boxes:
            assert 0 <= box.x0 < box.x1 <= figure.bbox.x1
            assert 0 <= box.y0 < box.y1 <= figure.bbox.y1


@pytest.fixture
def interrupt(monkeypatch):
    """Return what makes a function of the script raise an error when it is called for a time."""

    def at(name, call, error=KeyboardInterrupt):
        usual, calls = getattr(nn, name), []

        def interrupted(*arguments, **options):
            calls.append(name)
            if len(calls) == call:
                raise error
            return usual(*arguments, **options)

        monkeypatch.setattr(nn, name, interrupted)

    return at


@pytest.fixture(params=[np.float32, np.float64], ids=["float32", "float64"])
def dtype(request):
    """Run a test in both precisions."""
    return request.param


@pytest.fixture(scope="session")
def digits():
    """Return a function that prepares the digits as the program does, in either precision."""

    def prepare(seed=0, dtype=np.float32, hidden=16):
        rng = np.random.default_rng(seed)
        X, y = nn.load_images()
        X_train, X_test, y_train, y_test = nn.train_test_split(X.astype(dtype), y, 0.2, rng)
        X_train, X_test = nn.standardize(X_train, X_test)
        params = nn.init_params(64, hidden, 10, rng, dtype)
        sets = X_train, nn.one_hot(y_train), X_test, nn.one_hot(y_test)
        return SimpleNamespace(params=params, sets=sets, y_train=y_train, y_test=y_test)

    return prepare


@pytest.fixture(scope="session")
def real_run(tmp_path_factory):
    """Run the script once as a user does, in an empty folder; return what it did and the folder."""
    folder = tmp_path_factory.mktemp("fresh")
    return run(SCRIPT, folder=folder), folder


@pytest.fixture(scope="session")
def screen():
    """Return the name of a virtual screen, on which Tk can open windows."""
    pytest.importorskip("tkinter")
    if not shutil.which("Xvfb"):
        pytest.skip("needs a virtual screen, Xvfb")
    with subprocess.Popen(["Xvfb", "-displayfd", "1"], stdout=subprocess.PIPE) as process:
        yield f":{int(process.stdout.readline())}"
        process.terminate()
