"""What the test files share: the script as a process, Ctrl-C, and what can be seen of a figure."""

import itertools
import os
import subprocess
import sys
from pathlib import Path
from unittest.mock import DEFAULT, Mock

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # found however pytest is started
import neural_net_digits as nn  # before NumPy: it sets how many threads NumPy uses

import matplotlib.pyplot as plt  # isort: skip

SCRIPT = Path(nn.__file__).resolve()
plt.switch_backend("agg")  # no test in this process opens a window


def start(*command, folder, **changes):
    """Start Python in a folder, where it can open no window; what it prints comes as text."""
    ours = ("DISPLAY", "WAYLAND_DISPLAY", "OPENBLAS_NUM_THREADS")
    environment = {name: value for name, value in os.environ.items() if name not in ours}
    environment.update(PYTHONPATH=str(SCRIPT.parent), PYTHONUTF8="1", MPLBACKEND="agg")
    environment.update(changes)
    pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    command = [sys.executable, *map(str, command)]
    return subprocess.Popen(command, cwd=folder, env=environment, encoding="utf-8", **pipes)


def run(*command, folder, typed="", **changes):
    """Run Python until it ends; return its status, and what it printed as output and as errors."""
    process = start(*command, folder=folder, **changes)
    out, err = process.communicate(typed, timeout=300)
    return process.returncode, out, err


def interrupt(monkeypatch, name, call):
    """Let Ctrl-C be pressed when a function of the script is called for this (1st, ...) time."""
    effects = [DEFAULT] * 100  # the function does what it usually does
    effects[call - 1] = KeyboardInterrupt
    monkeypatch.setattr(nn, name, Mock(wraps=getattr(nn, name), side_effect=effects))


def check_that_all_can_be_read(figure):
    """Check that nothing in a figure is cut off, and that no text or panel covers another."""
    figure.draw_without_rendering()
    texts = [text.get_window_extent() for ax in figure.axes for text in ax.texts if text.get_text()]
    panels = [ax.get_tightbbox() for ax in figure.axes]
    panels += [title.get_window_extent() for title in figure.texts]
    for one, other in [*itertools.combinations(texts, 2), *itertools.combinations(panels, 2)]:
        assert not one.padded(-1).overlaps(other)  # they may touch
    for box in texts + panels:
        assert 0 <= box.x0 < box.x1 <= figure.bbox.x1
        assert 0 <= box.y0 < box.y1 <= figure.bbox.y1


@pytest.fixture(scope="session")
def learned():
    """Return a network that was trained long enough to make some mistakes and not too many."""
    return nn.learn_digits(epochs=300)
