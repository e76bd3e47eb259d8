"""What several test files share: the digits, prepared once, in either precision."""

import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from process import run

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # found however pytest is started
import neural_net_digits as nn  # before NumPy, for it sets how many threads NumPy will use

import matplotlib.pyplot as plt  # isort: skip
import numpy as np  # isort: skip

plt.switch_backend("agg")  # no test opens a window
nn.backend = "agg"


@pytest.fixture(params=[np.float32, np.float64], ids=["float32", "float64"])
def dtype(request):
    """Make a test run in both precisions."""
    return request.param


@pytest.fixture(scope="session")
def digits():
    """Return a function that prepares the digits as the program does, for a seed and a precision."""

    def prepare(seed=0, dtype=np.float32, hidden=16):
        rng = np.random.default_rng(seed)
        X, y = nn.load_images()
        X_train, X_test, y_train, y_test = nn.train_test_split(X.astype(dtype), y, 0.2, rng)
        X_train, X_test = nn.standardize(X_train, X_test)
        Y_train, Y_test = nn.one_hot(y_train), nn.one_hot(y_test)
        params = nn.init_params(64, hidden, 10, rng, dtype)
        sets = X_train, Y_train, X_test, Y_test
        return SimpleNamespace(params=params, sets=sets, y_train=y_train, y_test=y_test)

    return prepare


@pytest.fixture(scope="session")
def real_run(tmp_path_factory):
    """Run the script once with its defaults, as a user does, in an empty folder; return the process and the folder."""
    folder = tmp_path_factory.mktemp("fresh")
    return run(folder=folder, PYTHONUTF8="1"), folder
