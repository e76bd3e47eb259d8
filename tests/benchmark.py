"""Compare the script with PyTorch, JAX and scikit-learn's MLPClassifier on the same training.

python tests/benchmark.py          all tables, in about two minutes on two processors
python tests/benchmark.py --quick  fewer epochs, turns and seeds, in less than one minute

All measure the same four figures in every epoch. All but scikit-learn start with the same first
weights and take the same steps. They take short turns, so that a slow moment of the computer meets
all of them. All but JAX use one thread. Exit status 1: PyTorch or JAX got other losses than ours.
"""

import argparse
import contextlib
import io
import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from importlib.util import find_spec
from multiprocessing import get_context
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import neural_net_digits as nn  # before NumPy: it sets how many threads NumPy uses

import numpy as np  # isort: skip


def prepare(seed=0, hidden=16, copies=1):
    """Return the first weights and X_train, Y_train, X_test, Y_test, all images several times."""
    rng = np.random.default_rng(seed)
    images_train, images_test, y_train, y_test = nn.train_test_split(*nn.load_images(), 0.2, rng)
    X_train, X_test = nn.standardize(images_train, images_test)
    sets = X_train, nn.one_hot(y_train), X_test, nn.one_hot(y_test)
    return nn.init_params(64, hidden, 10, rng), [np.tile(array, (copies, 1)) for array in sets]


# Each of these trains from the first weights and returns a row of four figures for each epoch.
def ours(epochs, params, sets, lr=nn.LR):
    fresh = nn.Params(*[array.copy() for array in params])
    with contextlib.redirect_stdout(io.StringIO()):
        return np.transpose(nn.train(fresh, *sets, lr, epochs)[:4])


def pytorch(epochs, params, sets):
    import torch

    torch.set_num_threads(1)
    X, Y, X_test, Y_test = (torch.from_numpy(array) for array in sets)
    y, y_test = Y.argmax(dim=1), Y_test.argmax(dim=1)
    hidden, outputs = torch.nn.Linear(64, 16), torch.nn.Linear(16, 10)
    model = torch.nn.Sequential(hidden, torch.nn.Sigmoid(), outputs, torch.nn.Sigmoid())
    with torch.no_grad():
        for parameter, value in zip(model.parameters(), params):
            parameter.copy_(torch.from_numpy(value.T))
    optimizer = torch.optim.SGD(model.parameters(), lr=nn.LR)
    squares = torch.nn.MSELoss(reduction="sum")
    rows = []
    for _ in range(epochs + 1):  # one step too many, to have its figures
        with torch.inference_mode():
            A2_test = model(X_test)
            test_loss = squares(A2_test, Y_test).item() / 2 / len(X_test)
            test_accuracy = (A2_test.argmax(dim=1) == y_test).sum().item() / len(X_test)
        A2 = model(X)
        E = squares(A2, Y) / 2
        optimizer.zero_grad(set_to_none=True)
        E.backward()
        optimizer.step()
        with torch.inference_mode():
            accuracy = (A2.argmax(dim=1) == y).sum().item() / len(X)
        rows.append((E.item() / len(X), test_loss, accuracy, test_accuracy))
    return np.array(rows)


def jax_scan(epochs, params, sets, compiled={}):  # noqa: B006
    import jax
    import jax.numpy as jnp

    def figures(params, X, Y):
        A1 = jax.nn.sigmoid(X @ params[0] + params[1])
        A2 = jax.nn.sigmoid(A1 @ params[2] + params[3])
        return 0.5 * jnp.sum((A2 - Y) ** 2), jnp.mean(A2.argmax(axis=1) == Y.argmax(axis=1))

    def train(params, X, Y, X_test, Y_test):
        def epoch(params, _):
            E_test, test_accuracy = figures(params, X_test, Y_test)
            (E, accuracy), gradient = jax.value_and_grad(figures, has_aux=True)(params, X, Y)
            params = [value - nn.LR * slope for value, slope in zip(params, gradient)]
            return params, jnp.stack([E / len(X), E_test / len(X_test), accuracy, test_accuracy])

        return jax.lax.scan(epoch, params, length=epochs + 1)[1]  # one step too many, as above

    if epochs not in compiled:  # the dict lives from one call to the next
        compiled[epochs] = jax.jit(train)
    return np.asarray(compiled[epochs](list(params), *sets))


def mlp_classifier(epochs, params, sets):
    from sklearn.neural_network import MLPClassifier  # with softmax and cross-entropy, as always

    X, Y, X_test, Y_test = sets
    y, y_test = Y.argmax(axis=1), Y_test.argmax(axis=1)
    model = MLPClassifier((len(params.b1),), "logistic", solver="sgd", momentum=0, alpha=0)
    model.set_params(batch_size=len(X), learning_rate_init=nn.LR * len(X), shuffle=False)
    rows = []
    for _ in range(epochs + 1):
        model.partial_fit(X, y, classes=range(10))
        train, test = model.predict_proba(X), model.predict_proba(X_test)
        losses = nn.loss(train, Y), nn.loss(test, Y_test)
        rows.append((*losses, nn.accuracy(train, y), nn.accuracy(test, y_test)))
    return np.array(rows)


TRAINERS = {"numpy": ours, "torch": pytorch, "jax": jax_scan, "sklearn": mlp_classifier}


def work(package, epochs):
    """Train; return the microseconds of an epoch, the figures, and the package's version."""
    params, sets = prepare()
    start = time.perf_counter()
    rows = TRAINERS[package](epochs, params, sets)
    microseconds = 1e6 * (time.perf_counter() - start) / epochs
    return microseconds, rows, sys.modules[package].__version__


def compare_epochs(epochs, turns):
    """Print the time per epoch of each package, if PyTorch and JAX get the losses that we get."""
    times, rows, versions = {package: [] for package in TRAINERS if find_spec(package)}, {}, {}
    pools = {package: ProcessPoolExecutor(1, get_context("spawn")) for package in times}
    for turn in range(turns + 1):
        print(f"turn {turn} of {turns} ", end="\r", file=sys.stderr, flush=True)
        for package, pool in pools.items():
            done = pool.submit(work, package, epochs).result()
            microseconds, rows[package], versions[package] = done
            times[package].append(microseconds)
    print("microseconds per epoch  median  ours / this  difference of losses")
    for package in times:
        measured = np.array(times[package])[1:]  # without the first turn, which compiles
        ratio = np.median(np.array(times["numpy"])[1:] / measured)
        difference = np.abs(rows[package][:, :2] / rows["numpy"][:, :2] - 1).max()  # in any epoch
        name = f"{package} {versions[package]}"
        print(f"{name:23}{np.median(measured):9.0f}{ratio:13.2f}{difference:22.1e}")
        if package != "sklearn" and not difference < 0.001:  # sklearn has another loss
            sys.exit(f"{package} got other losses than ours.")
        pools[package].shutdown()


def run_script(folder):
    """Run the script and return wall seconds, CPU seconds and the most memory in MiB."""
    start, command = time.perf_counter(), [sys.executable, nn.__file__, "--no-show"]
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL)
    usage = os.wait4(process.pid, 0)[2]
    unit = 2**20 if sys.platform == "darwin" else 2**10
    return time.perf_counter() - start, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / unit


def main():
    parser = argparse.ArgumentParser(description="Compare the script with other programs.")
    parser.add_argument("--quick", action="store_true", help="fewer epochs, turns and seeds")
    quick = parser.parse_args().quick
    if hasattr(os, "wait4"):  # not on Windows
        with tempfile.TemporaryDirectory() as folder:
            runs = [run_script(folder) for _ in range(1 if quick else 5)]
        wall, cpu, peak = np.median(runs, axis=0)
        print(f"whole run: {wall:.1f} s, {cpu:.1f} s of CPU time, {peak:.0f} MiB of memory")
    compare_epochs(200 if quick else 1000, 5 if quick else 25)
    for copies, hidden in ((1, 16), (10, 16), (100, 16), (1, 64), (1, 256)):
        params, sets = prepare(0, hidden, copies)
        start = time.perf_counter()
        ours(20, params, sets, nn.LR / copies)
        size = f"{1437 * copies:7d} training images, {hidden:3d} hidden neurons"
        print(f"{size}: {50 * (time.perf_counter() - start):8.2f} ms per epoch")
    marks = [ours(nn.EPOCHS, *prepare(seed))[-1, 3] for seed in range(2 if quick else 20)]
    print(f"test accuracy over {len(marks)} seeds: {np.mean(marks):.2%} in the mean, ", end="")
    print(f"from {min(marks):.2%} to {max(marks):.2%}")


if __name__ == "__main__":
    main()
