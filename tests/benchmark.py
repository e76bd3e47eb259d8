"""Compare this script with PyTorch, JAX and scikit-learn's MLPClassifier on the same training.

python tests/benchmark.py          all tables, in about three minutes on two processors
python tests/benchmark.py --quick  the same with fewer epochs and seeds, in less than one minute

All start with the same data and first weights, take the same steps, and record the same four figures in every epoch.
Each has a process of its own. They take short turns, so that slow seconds of the computer meet all of them. The table
shows medians, and medians of the ratios in each turn. Exit status 1: PyTorch or JAX got other losses than ours.
"""

import argparse
import contextlib
import io
import multiprocessing
import os
import platform
import subprocess
import sys
import tempfile
import time
from importlib import metadata, util
from pathlib import Path
from statistics import mean, median

SCRIPT = Path(__file__).resolve().parents[1] / "neural_net_digits.py"
sys.path.insert(0, str(SCRIPT.parent))
import neural_net_digits as nn  # noqa: E402  (before NumPy, for which it sets the number of threads)

import numpy as np  # noqa: E402  isort: skip


def prepare(seed=0, hidden=16, copies=1):
    """Return the first weights and X_train, Y_train, X_test, Y_test, as often as copies says."""
    rng = np.random.default_rng(seed)
    images_train, images_test, y_train, y_test = nn.train_test_split(*nn.load_images(), 0.2, rng)
    X_train, X_test = nn.standardize(images_train, images_test)
    sets = X_train, nn.one_hot(y_train), X_test, nn.one_hot(y_test)
    return nn.init_params(64, hidden, 10, rng), [np.tile(M, (copies, 1)) for M in sets]


# Each of these returns a function that trains for so many epochs from the first weights and returns the four curves.
def ours(params, sets, lr):
    def train(epochs):
        fresh = nn.Params._make(array.copy() for array in params)
        with contextlib.redirect_stdout(io.StringIO()):
            return np.array(nn.train(fresh, *sets, lr, epochs)[:4])

    return train


def pytorch(params, sets, lr):
    import torch

    torch.set_num_threads(1)
    X, Y, X_test, Y_test = (torch.from_numpy(array) for array in sets)
    y, y_test = Y.argmax(dim=1), Y_test.argmax(dim=1)

    def error(A2, Y):
        return 0.5 * torch.nn.functional.mse_loss(A2, Y, reduction="sum")

    def figures(A2, E, y):
        return E.item() / len(y), (A2.argmax(dim=1) == y).sum().item() / len(y)

    def train(epochs):
        layers = [
            torch.nn.Linear(64, len(params.b1)),
            torch.nn.Sigmoid(),
            torch.nn.Linear(len(params.b1), 10),
        ]
        model = torch.nn.Sequential(*layers, torch.nn.Sigmoid())
        with torch.no_grad():
            for parameter, value in zip(model.parameters(), params):
                parameter.copy_(torch.from_numpy(value.T))
        optimizer = torch.optim.SGD(model.parameters(), lr=lr)
        rows = []
        for _ in range(epochs + 1):  # one step too many, to have its figures
            with torch.inference_mode():
                A2_test = model(X_test)
                test_loss, test_accuracy = figures(A2_test, error(A2_test, Y_test), y_test)
            A2 = model(X)
            E = error(A2, Y)
            optimizer.zero_grad(set_to_none=True)
            E.backward()
            optimizer.step()
            with torch.inference_mode():
                train_loss, train_accuracy = figures(A2, E, y)
            rows.append((train_loss, test_loss, train_accuracy, test_accuracy))
        return np.array(rows).T

    return train


def jax_scan(params, sets, lr):
    import jax
    import jax.numpy as jnp

    def figures(params, X, Y, y):
        A1 = jax.nn.sigmoid(X @ params[0] + params[1])
        A2 = jax.nn.sigmoid(A1 @ params[2] + params[3])
        return 0.5 * jnp.sum((A2 - Y) ** 2), jnp.mean(A2.argmax(axis=1) == y)

    def train(epochs, params, X, Y, X_test, Y_test):
        y, y_test = Y.argmax(axis=1), Y_test.argmax(axis=1)

        def epoch(params, _):
            E_test, test_accuracy = figures(params, X_test, Y_test, y_test)
            (E, accuracy), gradient = jax.value_and_grad(figures, has_aux=True)(params, X, Y, y)
            params = [value - lr * slope for value, slope in zip(params, gradient)]
            return params, jnp.stack([E / len(X), E_test / len(X_test), accuracy, test_accuracy])

        return jax.lax.scan(epoch, params, length=epochs + 1)[1].T  # one step too many, as above

    compiled, arguments = jax.jit(train, static_argnums=0), jax.device_put((list(params), *sets))
    return lambda epochs: np.asarray(compiled(epochs, *arguments))  # compiled in the first turn


def mlp_classifier(params, sets, lr):
    from sklearn.neural_network import MLPClassifier

    X, Y, X_test, Y_test = sets
    options = {
        "activation": "logistic",
        "solver": "sgd",
        "momentum": 0,
        "alpha": 0,
        "shuffle": False,
    }
    y, y_test = Y.argmax(axis=1), Y_test.argmax(axis=1)

    def train(epochs):  # its outputs are softmax with cross-entropy: as much work, other figures
        model = MLPClassifier(
            (len(params.b1),), batch_size=len(X), learning_rate_init=lr * len(X), **options
        )
        rows = []
        for _ in range(epochs + 1):
            model.partial_fit(X, y, classes=range(10))
            A2, A2_test = model.predict_proba(X), model.predict_proba(X_test)
            rows.append(
                (
                    nn.loss(A2, Y),
                    nn.loss(A2_test, Y_test),
                    nn.accuracy(A2, y),
                    nn.accuracy(A2_test, y_test),
                )
            )
        return np.array(rows).T

    return train


TRAINERS = {"numpy": ours, "torch": pytorch, "jax": jax_scan, "scikit-learn": mlp_classifier}


def work(connection, package):
    """In a process of its own: train for as many epochs as the main process asks; answer with seconds and curves."""
    params, sets = prepare()
    train = TRAINERS[package](params, sets, nn.LR)
    for epochs in iter(connection.recv, None):
        wall, cpu = time.perf_counter(), time.process_time()
        curves = train(epochs)
        connection.send(
            ((time.perf_counter() - wall) / epochs, (time.process_time() - cpu) / epochs, curves)
        )


def compare_epochs(epochs, turns):
    """Print the time per epoch of each package; return whether PyTorch and JAX got our losses."""
    context, pipes, answers = multiprocessing.get_context("spawn"), {}, {}
    for package in TRAINERS:
        if util.find_spec(package.replace("scikit-learn", "sklearn")):
            pipes[package], other_end = context.Pipe()
            answers[package] = []
            context.Process(target=work, args=(other_end, package), daemon=True).start()
    for turn in range(turns + 1):  # the first one is not counted
        print(f"turn {turn} of {turns}", end="\r", file=sys.stderr, flush=True)
        for package, pipe in pipes.items():
            pipe.send(epochs)
            answers[package].append(pipe.recv())
    first, agree = answers["numpy"], True
    print(
        f"{'time per epoch':24}{'wall us':>9}{'CPU us':>9}{'ours / this':>13}{'difference of losses':>22}"
    )
    for package, own in answers.items():
        wall, cpu = (1e6 * median(turn[i] for turn in own[1:]) for i in (0, 1))
        ratio = median(a[0] / b[0] for a, b in zip(first[1:], own[1:]))
        difference = np.abs(
            own[0][2][:2] / first[0][2][:2] - 1
        ).max()  # the largest in any epoch, relative
        agree = agree and (package == "scikit-learn" or difference < 0.001)
        name = f"{package} {metadata.version(package)}" + (", ours" if package == "numpy" else "")
        print(
            f"{name:24}{wall:9.0f}{cpu:9.0f}{ratio:13.2f}{difference if package != 'scikit-learn' else np.nan:22.1e}"
        )
    return agree


def run_script(folder):
    """Run the script from the start of Python to the saved picture; return wall and CPU seconds and the peak in MiB."""
    start = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, str(SCRIPT), "--no-show"], cwd=folder, stdout=subprocess.DEVNULL
    )
    if not hasattr(os, "wait4"):  # Windows
        process.wait()
        return time.perf_counter() - start, np.nan, np.nan
    usage = os.wait4(process.pid, 0)[2]
    unit = 2**20 if sys.platform == "darwin" else 2**10
    return time.perf_counter() - start, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / unit


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="fewer epochs, turns and seeds")
    quick = parser.parse_args().quick
    print(
        f"{platform.platform()}, {os.cpu_count()} processors, Python {platform.python_version()}\n"
    )
    agree = compare_epochs(200 if quick else 1000, 5 if quick else 25)

    with tempfile.TemporaryDirectory() as folder:
        runs = [run_script(folder) for _ in range(1 if quick else 5)]
    wall, cpu, peak = (median(column) for column in zip(*runs))
    print(
        f"\nwhole run of the script: {wall:.1f} s, {cpu:.1f} s of CPU time, at most {peak:.0f} MiB of memory\n"
    )

    for copies, hidden in ((1, 16), (10, 16), (100, 16), (1, 64), (1, 256)):
        params, sets = prepare(0, hidden, copies)
        start = time.perf_counter()
        ours(params, sets, nn.LR / copies)(20)
        milliseconds = 1000 * (time.perf_counter() - start) / 20
        print(
            f"{1437 * copies:7d} training images, {hidden:3d} hidden neurons: {milliseconds:8.2f} ms per epoch"
        )

    marks = {"ours": [], "MLPClassifier, adam": []}
    for seed in range(2 if quick else 20):
        params, sets = prepare(seed)
        y, y_test = sets[1].argmax(axis=1), sets[3].argmax(axis=1)
        marks["ours"].append(ours(params, sets, nn.LR)(nn.EPOCHS)[3, -1])
        from sklearn.neural_network import MLPClassifier

        model = MLPClassifier((16,), activation="logistic", max_iter=nn.EPOCHS, random_state=seed)
        marks["MLPClassifier, adam"].append(model.fit(sets[0], y).score(sets[2], y_test))
    print(f"\n{'test accuracy':24}{'mean':>9}{'lowest':>9}{'highest':>9}")
    for name, values in marks.items():
        print(f"{name:24}{mean(values):9.2%}{min(values):9.2%}{max(values):9.2%}")
    return 0 if agree else "PyTorch or JAX got other losses."


if __name__ == "__main__":
    sys.exit(main())
