"""Start the script as its users do: in a process of its own, in a folder, with a console of some kind."""

import os
import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).resolve().parents[1] / "neural_net_digits.py"


def surroundings(**changes):
    """Return this process's environment without a screen and without wishes of its own, with the changes made."""
    ours = ("DISPLAY", "WAYLAND_DISPLAY", "MPLBACKEND", "OPENBLAS_NUM_THREADS")
    return {name: value for name, value in os.environ.items() if name not in ours} | changes


def run(*arguments, folder, python=(), **changes):
    """Run the script and return the finished process with its output as text."""
    command = [sys.executable, *python, str(SCRIPT), *map(str, arguments)]
    done = subprocess.run(command, cwd=folder, env=surroundings(**changes), capture_output=True, timeout=300)
    done.stdout, done.stderr = done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace")
    return done


def size_of_png(path):
    """Return width and height of a PNG file, after checking that it is one from its first byte to its last."""
    data = path.read_bytes()
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    assert data.endswith(b"IEND\xaeB`\x82")
    return int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big")
