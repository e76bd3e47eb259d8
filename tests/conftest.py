"""What the test files share: the script as a process, and the digits, prepared as the chapter does it."""

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # found however pytest is started
import neural_net_digits as nn  # before NumPy, for it sets how many threads NumPy will use

import matplotlib.pyplot as plt  # isort: skip
import numpy as np  # isort: skip

SCRIPT = Path(nn.__file__).resolve()
plt.switch_backend("agg")  # no test in this process opens a window


def start(*command, folder, **changes):
    """Start Python in a folder, without a screen or settings of ours; its output comes as text."""
    ours = ("DISPLAY", "WAYLAND_DISPLAY", "MPLBACKEND", "OPENBLAS_NUM_THREADS", "MPLCONFIGDIR")
    usual = {name: value for name, value in os.environ.items() if name not in ours}
    environment = {**usual, "PYTHONPATH": str(SCRIPT.parent), "PYTHONUTF8": "1", **changes}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    command = [sys.executable, *map(str, command)]
    return subprocess.Popen(command, cwd=folder, env=environment, encoding="utf-8", errors="replace", **pipes)


def run(*command, folder, typed="", **changes):
    """Run Python in a folder until it ends; return its exit status, output and errors."""
    process = start(*command, folder=folder, **changes)
    output, errors = process.communicate(typed, timeout=300)
    return SimpleNamespace(status=process.returncode, output=output, errors=errors)


def interrupt(monkeypatch, name, call):
    """Make a function of the script end in a KeyboardInterrupt when it is called for this time."""
    usual, left = getattr(nn, name), [call]

    def interrupted(*arguments):
        left[0] -= 1
        if left[0] == 0:
            raise KeyboardInterrupt
        return usual(*arguments)

    monkeypatch.setattr(nn, name, interrupted)


def size_of_png(path):
    """Return width and height of a PNG file, after a look at its first bytes and its last."""
    data = path.read_bytes()
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    assert data.endswith(b"IEND\xaeB`\x82")
    return int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big")


@pytest.fixture(params=[np.float32, np.float64], ids=["float32", "float64"])
def dtype(request):
    """Make a test run in both precisions."""
    return request.param


@pytest.fixture(scope="session")
def digits():
    """Return a function that prepares the digits as the program does, for any seed and precision."""

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
    """Run the script once with its defaults in an empty folder; return what it did and the folder."""
    folder = tmp_path_factory.mktemp("fresh")
    return run(SCRIPT, folder=folder), folder
