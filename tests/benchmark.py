"""How fast, how exact, how frugal? Run by hand: python tests/benchmark.py (13 to 18 minutes; leave the computer alone).

It measures neural_net_digits.py ("ours") beside scikit-learn's MLPClassifier and, where they are installed, PyTorch and
JAX. All train the same 64-16-10 network on the same images, from the same first weights, with the same learning rate,
on full batches, and record loss and accuracy of the training and the test images in every epoch. The tables:

  epoch     wall and CPU time of one epoch, compiling apart; whether PyTorch and JAX give the same answers as ours
            (MLPClassifier minimises another loss); exit status 1 if a loss is off by more than 0.1 % in any epoch
  job       the whole job in a new process: start Python, load, train for 6500 epochs, save the same picture
  accuracy  test accuracy over 20 seeds, beside MLPClassifier as its users would call it
  growth    time per epoch and peak memory of ours, with more images (repeated ones) and with more hidden neurons
  aims      what this project promises of these numbers

In each round every contestant has a fresh process. They take turns (A B C, A B C, ...), short ones, because a computer
that is shared may be slower in some seconds than in others; a table shows medians over all turns of all rounds. So are
the ratios: each turn has its own, of measurements that were made soon after each other.

  --only TABLE ...  only these tables           --rounds N  rounds (5; for growth, half as many, rounded up)
  --quick           only to see that it works   --epochs N  over which answers are compared (2000); sets the turns, too
"""

import argparse
import contextlib
import io
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from importlib import metadata, util

# This process imports nothing large: on Linux a new process inherits the peak memory of the one that started it.
ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
CONTESTANTS = {  # with how many threads; NumPy, and with it scikit-learn, has the one that the script allows it
    "ours": ("ours", 1),
    "PyTorch, 1 thread": ("PyTorch", 1),
    "PyTorch, 2 threads": ("PyTorch", 2),
    "JAX": ("JAX", 0),  # as many as it likes
    "scikit-learn": ("scikit-learn", 1),
}
MODULES = {"PyTorch": "torch", "JAX": "jax"}  # may be missing
TURNS = 5  # in each round, for the tables epoch and growth
TOLERANCE = 1e-3  # how far a loss of PyTorch or JAX may be off, relative to ours


# The contestants. Each is a generator: up to its first yield it makes ready (JAX compiles), then it trains and yields
# the four curves (4, epochs + 1), W1, and the outputs for the test images; data is X_train, Y_train, X_test, Y_test.
def ours(data, first, lr, epochs, threads):
    import neural_net_digits as script

    params = script.Params(*[value.copy() for value in first])
    yield
    with contextlib.redirect_stdout(io.StringIO()):
        history = script.train(params, *data, lr, epochs)
    yield history[:4], params.W1, script.forward(params, data[2])[1]


def pytorch(data, first, lr, epochs, threads):
    import torch
    from torch import nn

    torch.set_num_threads(threads)
    X, Y, X_test, Y_test = map(torch.from_numpy, data)
    y, y_test = Y.argmax(dim=1), Y_test.argmax(dim=1)
    hidden = len(first.b1)
    model = nn.Sequential(nn.Linear(64, hidden), nn.Sigmoid(), nn.Linear(hidden, 10), nn.Sigmoid())
    with torch.no_grad():
        for parameter, value in zip(model.parameters(), first):
            parameter.copy_(torch.from_numpy(value.T))
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    rows = []

    def half_squares(A2, Y):
        return 0.5 * nn.functional.mse_loss(A2, Y, reduction="sum")

    def figures(A2, E, y):
        return E.item() / len(y), (A2.argmax(dim=1) == y).sum().item() / len(y)

    yield
    for epoch in range(epochs + 1):
        with torch.inference_mode():
            A2_test = model(X_test)
            test = figures(A2_test, half_squares(A2_test, Y_test), y_test)
        A2 = model(X)
        E = half_squares(A2, Y)
        if epoch < epochs:
            optimizer.zero_grad(set_to_none=True)
            E.backward()
            optimizer.step()
        with torch.inference_mode():
            rows.append(figures(A2, E, y) + test)
    E, right, E_test, right_test = zip(*rows)
    yield (E, E_test, right, right_test), model[0].weight.detach().numpy().T, A2_test.numpy()


def jax_scan(data, first, lr, epochs, threads):
    import jax
    import jax.numpy as jnp

    def forward(params, X):
        W1, b1, W2, b2 = params
        return jax.nn.sigmoid(jax.nn.sigmoid(X @ W1 + b1) @ W2 + b2)

    def error(params, X, Y, y):
        A2 = forward(params, X)
        return 0.5 * jnp.sum((A2 - Y) ** 2), jnp.mean(A2.argmax(axis=1) == y)

    def train(params, X, Y, X_test, Y_test):
        training, test = (X, Y, Y.argmax(axis=1)), (X_test, Y_test, Y_test.argmax(axis=1))

        def epoch(params, _):
            figures_test = error(params, *test)
            figures, gradient = jax.value_and_grad(error, has_aux=True)(params, *training)
            return [value - lr * slope for value, slope in zip(params, gradient)], (
                *figures,
                *figures_test,
            )

        params, curves = jax.lax.scan(epoch, params, length=epochs)
        last = (*error(params, *training), *error(params, *test))
        E, right, E_test, right_test = [jnp.append(curve, end) for curve, end in zip(curves, last)]
        return (
            (E / len(X), E_test / len(X_test), right, right_test),
            params[0],
            forward(params, X_test),
        )

    arguments = jax.device_put((list(first), *data))
    compiled = jax.jit(train).lower(*arguments).compile()
    yield
    yield jax.device_get(compiled(*arguments))


def mlp_classifier(data, first, lr, epochs, threads):
    from sklearn.neural_network import MLPClassifier

    X, Y, X_test, Y_test = data
    y, y_test = Y.argmax(axis=1), Y_test.argmax(axis=1)
    plain = {
        "solver": "sgd",
        "momentum": 0,
        "nesterovs_momentum": False,
        "alpha": 0,
        "shuffle": False,
    }
    plain.update(batch_size=len(X), learning_rate_init=lr * len(X))  # it takes the mean over the images
    model = MLPClassifier((len(first.b1),), activation="logistic", tol=0, n_iter_no_change=10**9, **plain)
    model.partial_fit(X, y, classes=range(10))  # makes the arrays into which the first weights go
    for array, value in zip(model.coefs_ + model.intercepts_, (first.W1, first.W2, first.b1, first.b2)):
        array[...] = value
    rows = []

    def figures(A2, Y, y):
        return float(((A2 - Y) ** 2).sum()) / (2 * len(y)), float((A2.argmax(axis=1) == y).mean())

    yield
    for epoch in range(epochs + 1):
        if epoch > 0:
            model.partial_fit(X, y)
        A2_test = model.predict_proba(X_test)
        rows.append(figures(model.predict_proba(X), Y, y) + figures(A2_test, Y_test, y_test))
    E, right, E_test, right_test = zip(*rows)
    yield (E, E_test, right, right_test), model.coefs_[0], A2_test


TRAINERS = {"ours": ours, "PyTorch": pytorch, "JAX": jax_scan, "scikit-learn": mlp_classifier}


# The tasks of the processes that the main one starts. Each is a generator of answers, printed as lines of JSON; it goes
# on when the main process asks for the next one.
def prepare(seed=0, hidden=16, copies=1):
    """Return the data, the first weights, and what the picture needs beside them: the test images and their digits."""
    import neural_net_digits as script  # before anything else that imports NumPy: it limits NumPy to one thread

    np = script.np
    rng = np.random.default_rng(seed)
    X_train, images, y_train, y_test = script.train_test_split(*script.load_images(), script.TEST_FRACTION, rng)
    X_train, X_test = script.standardize(X_train, images)
    data = [np.tile(M, (copies, 1)) for M in (X_train, script.one_hot(y_train), X_test, script.one_hot(y_test))]
    return script, data, script.init_params(64, hidden, 10, rng), images, y_test


def time_epochs(name, threads, epochs, turn, hidden=16, copies=1):
    script, data, first, _, _ = prepare(0, hidden, copies)

    def run(count):
        start = time.perf_counter()
        trainer = TRAINERS[name](data, first, script.LR / copies, count, threads)
        next(trainer)
        wall, cpu = time.perf_counter(), time.process_time()
        curves = next(trainer)[0]
        times = {
            "wall": 1e6 * (time.perf_counter() - wall) / count,
            "cpu": 1e6 * (time.process_time() - cpu) / count,
        }
        return {**times, "ready": wall - start}, curves

    curves = run(epochs)[1]  # warms up, too
    extras = {
        "curves": [list(map(float, curve)) for curve in curves],
        "images": [len(data[0]), len(data[2])],
    }
    while True:
        yield {**run(turn)[0], **extras}
        extras = {}


def whole_job(name, threads, epochs, output):
    """Do with another framework all that `python neural_net_digits.py` does."""
    script, data, first, images, y_test = prepare()
    script.plt.switch_backend("agg")
    epochs = epochs or script.EPOCHS
    trainer = TRAINERS[name](data, first, script.LR, epochs, threads)
    next(trainer)
    start = time.perf_counter()
    curves, W1, A2 = next(trainer)
    seconds = (time.perf_counter() - start) / epochs
    history = script.History(*curves, script.np.full(epochs, seconds))
    figure, axes = script.plt.subplots(2, 3, figsize=(13, 8))
    figure.subplots_adjust(0.07, 0.065, 0.985, 0.9, 0.24, 0.28)
    script.draw_training(axes[0], history)
    script.draw_inside(axes[1], W1, images, A2, y_test)
    figure.suptitle(f"64-16-10 network: final test accuracy {history.test_accuracy[-1]:.2%}", fontsize=16)
    figure.savefig(output, dpi=120)
    yield {"epochs": epochs}


def many_seeds(name, threads, epochs, seeds):
    rows = []
    for seed in range(seeds):
        script, data, first, _, y_test = prepare(seed)
        from sklearn.neural_network import MLPClassifier  # only now, as prepare says

        spent, start = epochs or script.EPOCHS, time.perf_counter()
        if name == "ours":
            trainer = ours(data, first, script.LR, spent, threads)
            next(trainer)
            A2 = next(trainer)[2]
        else:  # name is a solver; this many epochs at most, it stops when the loss no longer falls
            model = MLPClassifier((16,), activation="logistic", solver=name, random_state=seed, max_iter=spent)
            model.set_params(max_fun=10**6).fit(data[0], data[1].argmax(axis=1))
            A2, spent = model.predict_proba(data[2]), model.n_iter_
        rows.append((script.accuracy(A2, y_test), spent, time.perf_counter() - start))
    yield {"rows": rows}


TASKS = {"time_epochs": time_epochs, "whole_job": whole_job, "many_seeds": many_seeds}


# The main process: it starts the others in turns, takes medians, prints tables.
class Process:
    """A fresh Python with these arguments."""

    def __init__(self, *arguments):
        environment = {key: value for key, value in os.environ.items() if not key.endswith("_NUM_THREADS")}
        environment["JAX_PLATFORMS"] = "cpu"
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        self.arguments, self.start = arguments, time.perf_counter()
        self.process = subprocess.Popen([sys.executable, *arguments], cwd=ROOT, env=environment, **pipes)

    def ask(self):
        """Let it take a turn; return its answer, a dict."""
        with contextlib.suppress(BrokenPipeError):  # it has failed; `end` says so
            self.process.stdin.write(b"go on\n")
            self.process.stdin.flush()
        line = self.process.stdout.readline()
        return json.loads(line) if line else self.end()

    def end(self):
        """Let it end; return a dict of its wall and CPU seconds and its peak memory in MiB."""
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()
        with self.process.stdout as rest:
            rest.read()
        cpu = peak = None
        if hasattr(os, "wait4"):  # not on Windows
            _, status, usage = os.wait4(self.process.pid, 0)
            self.process.returncode = os.waitstatus_to_exitcode(status)
            cpu = usage.ru_utime + usage.ru_stime
            peak = usage.ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)
        if self.process.wait():
            sys.exit(f"{' '.join(self.arguments)}: ended with status {self.process.returncode}")
        return {"whole_wall": time.perf_counter() - self.start, "whole_cpu": cpu, "peak": peak}


def contestant(task, name, threads=1, **options):
    """Start a fresh process for one of the tasks."""
    return Process("tests/benchmark.py", "--contestant", name, str(threads), task, json.dumps(options))


def ask_once(*task, **options):
    """Do one of the tasks in a fresh process; return its answer, a dict, with what is known of the process."""
    process = contestant(*task, **options)
    return {**process.ask(), **process.end()}


def medians(answers):
    """Return one dict for several: the medians of what are floats, and the rest from the first that has it."""
    merged = {}
    for answer in reversed(answers):
        merged.update(answer)
    for field in [field for field, value in merged.items() if isinstance(value, float)]:
        merged[field] = statistics.median(answer[field] for answer in answers if field in answer)
    return merged


def add_ratios(turn, *fields):
    """Add to each answer of a turn, a dict from key to answer, the ratios of the first key's fields to its own."""
    base = next(iter(turn.values()))
    for answer in turn.values():
        answer.update({f"{field} ratio": base[field] / answer[field] for field in fields})


def take_turns(rounds, keys, start):
    """In each round start a process for each key and let them take turns; return a dict from key to its medians."""
    answers = {key: [] for key in keys}
    for _ in range(rounds):
        processes = {key: start(key) for key in keys}
        for _ in range(TURNS):
            turn = {key: process.ask() for key, process in processes.items()}
            add_ratios(turn, "wall", "cpu")
            for key, answer in turn.items():
                answers[key].append(answer)
        for key, process in processes.items():
            answers[key].append(process.end())
    return {key: medians(several) for key, several in answers.items()}


def table(title, columns, rows):
    """Print rows, aligned; columns is a dict from heading to format. None is shown as -: not known."""
    formats = columns.values()
    cells = [["-" if value is None else format(value, form) for value, form in zip(row, formats)] for row in rows]
    widths = [max(map(len, column)) for column in zip(columns, *cells)]
    print(f"\n{title}")
    for first, *others in [columns, *cells]:
        print(
            first.ljust(widths[0]),
            *(cell.rjust(width) for cell, width in zip(others, widths[1:])),
            sep="  ",
        )
    sys.stdout.flush()


def worst(ratios, name):
    """Return the ratio (ours / this) to the best of name's contestants, the largest one; None if there are none."""
    return max((ratio for who, ratio in ratios.items() if who.startswith(name)), default=None)


# Each of these makes a table; it returns whether the answers agree, and the aims: what, measured, limit.
def compare_epochs(options, contestants):
    turn = max(1, options.epochs // 2)  # long enough that the lines which ours prints in each turn hardly count

    def start(who):
        return contestant("time_epochs", *contestants[who], epochs=options.epochs, turn=turn)

    results = take_turns(options.rounds, contestants, start)
    base, rows, agreement, agree = results["ours"], [], [], True
    for who, got in results.items():
        compiling = got["ready"] if who == "JAX" else None
        rows.append([who, got["wall"], got["cpu"], got["wall ratio"], got["cpu ratio"], compiling])
        if who.startswith(tuple(MODULES)):
            pairs = [list(zip(*curves)) for curves in zip(got["curves"], base["curves"])]
            gaps = [max(abs(a - b) for a, b in curve) for curve in pairs]
            relative = max(abs(a - b) / b for a, b in pairs[0] + pairs[1])
            agreement.append([who, *gaps[:2], relative, *(gap * n for gap, n in zip(gaps[2:], base["images"]))])
            agree &= all(abs(a - b) <= TOLERANCE * b for a, b in pairs[0] + pairs[1])  # not if a is NaN
    columns = {
        "": "",
        "wall us": ".0f",
        "CPU us": ".0f",
        "wall, ours/this": ".2f",
        "CPU, ours/this": ".2f",
    }
    table(
        f"Time per epoch (rounds: {options.rounds}, turns in each: {TURNS})",
        {**columns, "compile s": ".2f"},
        rows,
    )
    if agreement:
        columns = {"": "", "training loss": ".1e", "test loss": ".1e", "relative": ".1e"}
        columns.update({"training images right": ".0f", "test images right": ".0f"})
        table(f"Largest difference from ours in any of {options.epochs} epochs", columns, agreement)
    if not agree:
        print(f"The answers differ: a loss of PyTorch or JAX is off by more than {TOLERANCE:.1%}")
    limits = {"PyTorch": 0.45, "JAX": 1.15, "scikit-learn": 0.3}
    ratios = {who: got["wall ratio"] for who, got in results.items()}
    aims = [(f"wall time per epoch, ours / {name}", worst(ratios, name), limits[name]) for name in limits]
    return agree, [*aims, ("CPU time / wall time per epoch, ours", base["cpu"] / base["wall"], 1.2)]


def compare_jobs(options, contestants):
    def measure(who):
        if who != "ours":
            return ask_once("whole_job", *contestants[who], epochs=options.job_epochs, output=picture)
        epochs = ["--epochs", str(options.job_epochs)] if options.job_epochs else []
        return Process("neural_net_digits.py", "--no-show", "--output", picture, *epochs).end()

    with tempfile.TemporaryDirectory() as folder:
        picture = os.path.join(folder, "picture.png")
        turns = [{who: measure(who) for who in contestants} for _ in range(options.rounds)]
    for turn in turns:
        add_ratios(turn, "whole_wall")
    results = {who: medians([turn[who] for turn in turns]) for who in contestants}
    fields = "whole_wall", "whole_cpu", "peak", "whole_wall ratio"
    rows = [[who, *(got[field] for field in fields)] for who, got in results.items()]
    epochs = results["scikit-learn"]["epochs"]
    title = f"Whole job, from starting Python to the saved picture ({epochs} epochs, rounds: {options.rounds})"
    table(
        title,
        {"": "", "wall s": ".2f", "CPU s": ".2f", "peak MiB": ".0f", "wall, ours/this": ".2f"},
        rows,
    )
    ratios = {who: got["whole_wall ratio"] for who, got in results.items()}
    aim = "wall time of the whole job, ours / PyTorch", worst(ratios, "PyTorch"), 0.45
    return True, [aim, ("peak memory of the whole job, ours, MiB", results["ours"]["peak"], 170)]


def compare_accuracy(options, contestants):
    rows = []
    for name, title in (
        ("ours", "ours"),
        ("adam", "MLPClassifier, adam"),
        ("lbfgs", "MLPClassifier, lbfgs"),
    ):
        answer = ask_once("many_seeds", name, epochs=options.job_epochs, seeds=options.seeds)
        marks, epochs, seconds = zip(*answer["rows"])
        spread = statistics.stdev(marks), min(marks), max(marks)
        rows.append(
            [
                title,
                statistics.mean(marks),
                *spread,
                statistics.mean(epochs),
                statistics.mean(seconds),
            ]
        )
    columns = {"": "", **dict.fromkeys(["mean", "deviation", "lowest", "highest"], ".2%")}
    title = f"Test accuracy over {options.seeds} seeds (each another split and other first weights)"
    table(title, {**columns, "mean epochs": ".0f", "s each": ".2f"}, rows)
    return True, []


def show_growth(options, contestants):
    def start(size):
        copies, hidden = size
        turn = max(1, options.epochs // 10, 2 * options.epochs // (copies * hidden // 16))  # a second or more for each
        return contestant("time_epochs", "ours", epochs=20, turn=turn, hidden=hidden, copies=copies)

    rounds = (options.rounds + 1) // 2
    results = take_turns(rounds, [(1, 16), (10, 16), (100, 16), (1, 64), (1, 256), (1, 1024)], start)
    rows, fastest = [], {"images": 0, "hidden neurons": 0}
    for (copies, hidden), got in results.items():
        size, growth = copies * hidden // 16, 1 / got["wall ratio"]
        rows.append([*got["images"], hidden, got["wall"], size, growth, got["peak"]])
        if size > 1:
            kind = "images" if copies > 1 else "hidden neurons"
            fastest[kind] = max(fastest[kind], growth / size)
    columns = {
        "training images": "",
        "test images": "",
        "hidden": "",
        "wall us": ".0f",
        "x size": "",
    }
    title = f"Growth of ours: time per epoch and peak memory (rounds: {rounds}, turns in each: {TURNS})"
    table(title, {**columns, "x time": ".1f", "peak MiB": ".0f"}, rows)
    return True, [(f"growth of time per epoch / growth of {kind}", value, 1) for kind, value in fastest.items()]


TABLES = {
    "epoch": compare_epochs,
    "job": compare_jobs,
    "accuracy": compare_accuracy,
    "growth": show_growth,
}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=TABLES, default=list(TABLES), metavar="TABLE")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--epochs", type=int, default=2000)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--contestant", nargs=4, help=argparse.SUPPRESS)  # a task for this process; see ask
    options = parser.parse_args()
    if options.contestant:
        name, threads, task, keywords = options.contestant
        warnings.simplefilter("ignore")  # MLPClassifier may warn that it could go on
        sys.path.insert(0, ROOT)
        answers = TASKS[task](name, int(threads), **json.loads(keywords))
        for _ in sys.stdin:  # a line for each answer that is wanted
            print(json.dumps(next(answers)), flush=True)
        return 0

    options.seeds, options.job_epochs = 20, 0  # 0: as many as the script does by default
    if options.quick:
        options.rounds, options.epochs, options.seeds, options.job_epochs = 1, 200, 2, 200
    missing = [name for name, module in MODULES.items() if not util.find_spec(module)]
    packages = [
        "numpy",
        "matplotlib",
        "scikit-learn",
        *(MODULES[name] for name in MODULES if name not in missing),
    ]
    print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} CPUs, {platform.platform()}")
    versions = [f"{name} {metadata.version(name)}" for name in packages]
    print(
        f"Python {platform.python_version()}",
        *versions,
        *(f"{name} not installed" for name in missing),
        sep=", ",
    )
    contestants = {label: who for label, who in CONTESTANTS.items() if who[0] not in missing}
    status, aims = 0, []
    for name in dict.fromkeys(options.only):
        fine, reached = TABLES[name](options, contestants)
        status, aims = (
            status or int(not fine),
            aims + [aim for aim in reached if aim[1] is not None],
        )
    rows = [[*aim, "yes" if aim[1] <= aim[2] else "no"] for aim in aims]
    if rows:
        table("Aims", {"": "", "measured": ".3g", "at most": "", "met": ""}, rows)
    return status


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
