"""Compare the script with PyTorch, JAX and scikit-learn's MLPClassifier on the same training.

python tests/benchmark.py [--turns 9]   about two minutes; nothing else should run meanwhile

In a turn, each program trains 6500 epochs, and measures both losses and both accuracies every 13th
epoch, by further forward passes, as ours does. Each has one thread and, on Linux, stays on one
processor. A first turn, in which JAX compiles, is not counted. PyTorch and JAX begin with our
weights and take the same steps (exit status 1: they got other losses). MLPClassifier does another
training: softmax, cross-entropy, weights of its own, a loss in every step, X checked every 13th.
"""

import argparse
import contextlib
import functools
import io
import os
import sys
import time
import warnings
from concurrent.futures import ProcessPoolExecutor
from importlib.util import find_spec
from multiprocessing import get_context
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import neural_net_digits as nn  # before NumPy: it sets how many threads NumPy uses

import numpy as np  # isort: skip

ROUNDS, EVERY = 500, 13  # 500 times: measure, then train 13 epochs
EPOCHS = ROUNDS * EVERY


def prepare():
    """Return the first weights, and X_train, Y_train, X_test, Y_test, of the program."""
    with contextlib.redirect_stdout(io.StringIO()):
        learned = nn.learn_digits(epochs=0)
    X = nn.standardize(learned.images_train, learned.mean, learned.std)
    X_test = nn.standardize(learned.images_test, learned.mean, learned.std)
    return learned.params, (X, nn.one_hot(learned.y_train), X_test, nn.one_hot(learned.y_test))


# Each of these trains; it returns rows of training loss, test loss and both accuracies.
def ours(params, sets):
    with contextlib.redirect_stdout(io.StringIO()):
        history = nn.train(params, *sets, nn.LR, EPOCHS)
    return np.transpose(history[1:5])


def pytorch(params, sets):
    import torch
    from torch.nn import Linear, MSELoss, Sequential, Sigmoid

    torch.set_num_threads(1)
    X, Y, X_test, Y_test = (torch.from_numpy(array) for array in sets)
    model = Sequential(Linear(64, 16), Sigmoid(), Linear(16, 10), Sigmoid())
    with torch.no_grad():
        for parameter, value in zip(model.parameters(), params):
            parameter.copy_(torch.from_numpy(value.T))
    optimizer = torch.optim.SGD(model.parameters(), lr=nn.LR)
    squares = MSELoss(reduction="sum")

    def figures(X, Y):
        A2 = model(X)
        right = (A2.argmax(dim=1) == Y.argmax(dim=1)).sum()
        return squares(A2, Y).item() / 2 / len(X), right.item() / len(X)

    rows = []
    for epoch in range(EPOCHS + 1):
        if epoch % EVERY == 0:
            with torch.inference_mode():
                rows.append(np.transpose([figures(X, Y), figures(X_test, Y_test)]).ravel())
        optimizer.zero_grad(set_to_none=True)
        E = squares(model(X), Y) / 2
        E.backward()
        optimizer.step()
    return np.array(rows)


@functools.lru_cache
def compile_jax():
    """Return the whole training as one function that JAX has compiled."""
    import jax
    import jax.numpy as jnp

    def figures(params, X, Y):
        A1 = jax.nn.sigmoid(X @ params[0] + params[1])
        A2 = jax.nn.sigmoid(A1 @ params[2] + params[3])
        return 0.5 * jnp.sum((A2 - Y) ** 2), jnp.mean(A2.argmax(axis=1) == Y.argmax(axis=1))

    def train(params, X, Y, X_test, Y_test):
        def step(params, _):
            gradient = jax.grad(figures, has_aux=True)(params, X, Y)[0]
            return [value - nn.LR * slope for value, slope in zip(params, gradient)], None

        def measure(params):
            E, accuracy = figures(params, X, Y)
            E_test, test_accuracy = figures(params, X_test, Y_test)
            return jnp.stack([E / len(X), E_test / len(X_test), accuracy, test_accuracy])

        def steps(params, _):
            return jax.lax.scan(step, params, length=EVERY)[0], measure(params)

        params, rows = jax.lax.scan(steps, params, length=ROUNDS)
        return jnp.vstack([rows, measure(params)])

    return jax.jit(train)


def jax_scan(params, sets):
    return np.asarray(compile_jax()(list(params), *sets))


def mlp_classifier(_, sets):
    from sklearn.neural_network import MLPClassifier

    X, Y, X_test, Y_test = sets
    y, y_test = Y.argmax(axis=1), Y_test.argmax(axis=1)
    model = MLPClassifier((16,), "logistic", solver="sgd", momentum=0, alpha=0, random_state=0)
    model.set_params(batch_size=len(X), learning_rate_init=nn.LR * len(X), shuffle=False)
    model.set_params(max_iter=EVERY, n_iter_no_change=EPOCHS, warm_start=True)
    warnings.simplefilter("ignore")  # after each 13 epochs it warns that it could learn more
    for _ in range(ROUNDS):
        model.fit(X, y)
        for images, targets, labels in ((X, Y, y), (X_test, Y_test, y_test)):
            A2 = model.predict_proba(images)
            nn.loss(A2, targets), nn.accuracy(A2, labels)  # only measured: see above


PROGRAMS = {"numpy": ours, "torch": pytorch, "jax": jax_scan, "sklearn": mlp_classifier}


def work(package):
    """Train; return an epoch's wall and processor microseconds, rows, version, libraries."""
    from threadpoolctl import threadpool_info  # comes with scikit-learn

    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    params, sets = prepare()
    start = np.array([time.perf_counter(), time.process_time()])
    rows = PROGRAMS[package](params, sets)
    seconds = np.array([time.perf_counter(), time.process_time()]) - start
    return seconds * 1e6 / EPOCHS, rows, sys.modules[package].__version__, threadpool_info()


def main():
    parser = argparse.ArgumentParser(description="Compare the script with other programs.")
    parser.add_argument("--turns", type=int, choices=range(1, 31), default=9, metavar="1...30")
    turns = parser.parse_args().turns
    for name in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"):  # they change the time of NumPy alone
        print(f"{name}, taken out of the environment, was", os.environ.pop(name, "not set"))
    os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
    results = {package: [] for package in PROGRAMS if find_spec(package)}
    pools = {package: ProcessPoolExecutor(1, get_context("spawn")) for package in results}
    for _ in range(turns + 1):
        for package, pool in pools.items():
            results[package].append(pool.submit(work, package).result())
    for library in results["numpy"][0][3]:
        if "numpy" in library["filepath"].lower():
            print("NumPy computes with", library["internal_api"], library.get("architecture"))
    print("microseconds per epoch   wall  processor  wall, times ours  difference of losses")
    wrong = []
    for package, all_turns in results.items():
        times = np.array([turn[0] for turn in all_turns[1:]])
        _, rows, version, _ = all_turns[0]
        if package == "numpy":
            our_times, our_rows = times, rows
        ratios = times[:, 0] / our_times[:, 0]
        ratio = f"{np.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"
        wall, processor = np.median(times, axis=0)
        print(f"{package:8}{version:14}{wall:7.0f}{processor:11.0f}{ratio:>23}", end="")
        if package != "sklearn":
            difference = np.abs(rows[:, :2] / our_rows[:, :2] - 1).max()
            wrong += [] if difference < 0.001 else [package]
        print("  another training" if package == "sklearn" else f"{difference:18.1e}")
    sys.exit(f"Other losses than ours: {', '.join(wrong)}" if wrong else 0)


if __name__ == "__main__":
    main()
