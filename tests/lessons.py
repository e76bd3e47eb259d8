"""Print the figures behind the lessons that the chapter and the README tell.

python tests/lessons.py                all lessons, over five seeds, in about three minutes
python tests/lessons.py neurons rate   some of them; --help shows the names
python tests/lessons.py --check        compute again what is told, and compare it with CLAIMS

Each seed has its own training and test images and its own first weights. Columns with a % are in
percent. Exit status 1: a figure is not as it is told.
"""

import argparse
import contextlib
import io
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import neural_net_digits as nn  # before NumPy: it sets how many threads NumPy uses

import numpy as np  # isort: skip

# A lesson, a row of its table, which of its tables, and the figures as they are told, in the order
# of the columns: a - is not told. Each is right to the last digit that is told.
CLAIMS = [
    ("layer", "even or odd, no hidden layer", "mean", "- 31"),
    ("layer", "even or odd, 16 hidden", "mean", "- 7"),
    ("layer", "ten digits, no hidden layer", "mean", "- 15"),
    ("layer", "ten digits, 16 hidden", "mean", "- 12"),
    ("neurons", "--hidden 2", "mean", "0.3001 0.3159 0.0158 50.29 47.00"),
    ("neurons", "--hidden 4", "mean", "0.0817 0.1143 0.0325 92.16 86.33"),
    ("neurons", "--hidden 16", "mean", "0.0090 0.0312 0.0221 99.67 96.78"),
    ("neurons", "--hidden 64", "mean", "0.0055 0.0276 0.0221 99.71 97.39"),
    ("images", "100 images", "mean", "0.0014 0.1077 0.1063 100.00 86.44"),
    ("images", "300 images", "mean", "0.0032 0.0556 0.0524 99.87 93.61"),
    ("images", "1437 images", "mean", "0.0090 0.0312 0.0221 99.67 96.78"),
    ("rate", "--lr 5.1e-05", "mean", "0.0930 0.1022 0.0093 95.50 93.94"),
    ("rate", "--lr 0.0051", "mean", "0.0010 0.0289 0.0279 99.90 96.83"),
    ("rate", "--lr 0.051", "mean", "0.5000 0.5000 0.0000 11.29 11.33"),
    ("rate", "--lr 0.0051 --hidden 64", "mean", "0.3396 0.3534 0.0138 33.58 31.78"),
    ("standardizing", "divided by 16", "mean", "0.0248 0.0371 0.0122 98.50 96.89"),
    ("standardizing", "divided by 16, lr 0.0051", "mean", "0.0028 0.0254 0.0226 99.68 97.00"),
    ("digits", "digit 8", "mean", "- 95"),
    ("digits", "digit 8", "seed 0", "- - 0"),
    ("strangers", "the last 360 as the test", "mean", "90.78"),
    ("strangers", "moved right", "mean", "37.39"),
    ("strangers", "moved right, divided by 16", "mean", "49.17"),
    ("one_pixel", "standardized", "smallest", "100.0"),
    ("one_pixel", "divided by 16", "mean", "25.3"),
]


def train_changed(seed, lr=nn.LR, **changes):
    """Train with other images, mean or std than the program; return the Learned."""
    learned = nn.learn_digits(seed=seed, epochs=0)._replace(**changes)
    return learned._replace(history=nn.train(learned.params, *arrays(learned), lr))


def arrays(learned):
    """Return X_train, Y_train, X_test, Y_test."""
    X = nn.standardize(learned.images_train, learned.mean, learned.std)
    X_test = nn.standardize(learned.images_test, learned.mean, learned.std)
    return X, nn.one_hot(learned.y_train), X_test, nn.one_hot(learned.y_test)


def ends(learned):
    """Return a row: the figures after the last step."""
    train_loss, test_loss, train_part, test_part = (curve[-1] for curve in learned.history[1:5])
    row = {"training loss": train_loss, "test loss": test_loss, "gap": test_loss - train_loss}
    return {**row, "train %": 100 * train_part, "test %": 100 * test_part}


# The lessons. Each returns the rows of its table for one seed: {row: {column: figure}}.
def standardizing(seed):
    """Standardizing is a habit here, not a gain: pixels divided by 16 are read as well."""
    ways = {"standardized": {}, "divided by 16": {"mean": 0, "std": 16}}
    ways["as they are"] = {"mean": 0, "std": 1}
    rows = {name: ends(train_changed(seed, **way)) for name, way in ways.items()}
    for name, way in ways.items():
        rows[f"{name}, lr 0.0051"] = ends(train_changed(seed, 0.0051, **way))
    return rows


def layer(seed):
    """A hidden layer helps much if the question is "even or odd?", and a little for ten digits."""
    learned = nn.learn_digits(seed=seed, epochs=0)
    X, _, X_test, _ = arrays(learned)
    rows = {}
    for question, n_classes in (("even or odd", 2), ("ten digits", 10)):
        Y = nn.one_hot(learned.y_train % n_classes, n_classes)
        rng = np.random.default_rng(seed)
        rng.permutation(1797)  # as for the split: what follows are other random numbers
        params = nn.init_params(64, 16, n_classes, rng)
        W = params.W1.ravel()[: 64 * n_classes].reshape(64, n_classes).copy()
        b = np.zeros(n_classes, np.float32)
        for _ in range(nn.EPOCHS):
            nn.step(params, X, Y, nn.LR)
            A = nn.sigmoid(X @ W + b)
            dZ = (A - Y) * nn.sigmoid_derivative(A)
            W -= nn.LR * (X.T @ dZ)
            b -= nn.LR * dZ.sum(axis=0)
        outputs = nn.sigmoid(X_test @ W + b), nn.forward(params, X_test)[1]
        for name, A2 in zip(("no hidden layer", "16 hidden"), outputs):
            part = nn.accuracy(A2, learned.y_test % n_classes)
            rows[f"{question}, {name}"] = {"test %": 100 * part, "mistakes": 360 * (1 - part)}
    return rows


def rate(seed):
    """A small lr is slow. A large one saturates the outputs, sooner with more neurons."""
    rows = {
        f"--lr {lr}": ends(nn.learn_digits(seed=seed, lr=lr)) for lr in (5.1e-05, 0.0051, 0.051)
    }
    rows["--lr 0.0051 --hidden 64"] = ends(nn.learn_digits(seed=seed, hidden=64, lr=0.0051))
    return rows


def neurons(seed):
    """With more hidden neurons both losses are smaller; from 4 to 64 the gap does not grow."""
    return {
        f"--hidden {n}": ends(nn.learn_digits(seed=seed, hidden=n)) for n in (2, 4, 8, 16, 32, 64)
    }


def images(seed):
    """With more training images the gap is smaller (lr is scaled: the steps are as large)."""
    learned = nn.learn_digits(seed=seed, epochs=0)
    rows = {}
    for n in (100, 300, 1437):
        few = {"images_train": learned.images_train[:n], "y_train": learned.y_train[:n]}
        few["mean"], few["std"] = nn.pixel_statistics(few["images_train"])
        rows[f"{n} images"] = ends(train_changed(seed, nn.LR * 1437 / n, **few))
    return rows


def digits(seed):
    """Each digit is learned at its own time, and the 8 is nearly always the last."""
    learned = nn.learn_digits(seed=seed, epochs=0)
    X, Y, X_test, _ = arrays(learned)
    right = np.zeros((1001, 10))  # after each step: how many percent of each digit's test images
    for epoch in range(1, 1001):
        nn.step(learned.params, X, Y, nn.LR)
        answers = nn.forward(learned.params, X_test)[1].argmax(axis=1)
        right[epoch] = [100 * (answers[learned.y_test == d] == d).mean() for d in range(10)]
    half = np.array([1 + np.flatnonzero(right[:, d] < 50)[-1] for d in range(10)])
    columns = {"half stay right from epoch": half, "it is the last %": 100 * (half == max(half))}
    columns["right at epoch 300 %"] = right[300]
    return {f"digit {d}": {name: c[d] for name, c in columns.items()} for d in range(10)}


def ink(seed):
    """Ink has the strongest effect where it is rarest; there, W1 is still like its random start."""
    learned = nn.learn_digits(seed=seed)
    start = nn.learn_digits(seed=seed, epochs=0).params.W1
    W1 = learned.params.W1
    effect = np.abs(W1).mean(axis=1) / learned.std
    has_ink = (learned.images_train > 0).mean(axis=0)
    rows = {}
    for low, high in ((0, 0.01), (0.01, 0.1), (0.1, 1)):
        pixels = (has_ink > low) & (has_ink <= high)
        likeness = np.corrcoef(W1[pixels].ravel(), start[pixels].ravel())[0, 1]
        row = {"effect of a unit of ink": effect[pixels].mean(), "W1 is like its start": likeness}
        rows[f"ink in {low:.0%} to {high:.0%} of the images"] = row
    return rows


def strangers(seed):
    """The network knows this collection's way of writing: moved digits are mostly misread."""
    rows = {}
    for way, changes in (("", {}), (", divided by 16", {"mean": 0, "std": 16})):
        learned = train_changed(seed, **changes)
        framed = np.pad(learned.images_test.reshape(-1, 8, 8), ((0, 0), (1, 1), (1, 1)))
        for name, by, axis in (("right", 1, 2), ("left", -1, 2), ("down", 1, 1), ("up", -1, 1)):
            moved = np.roll(framed, by, axis)[:, 1:-1, 1:-1].reshape(-1, 64)
            _, A2 = nn.read_images(learned, moved)
            rows[f"moved {name}{way}"] = {"test %": 100 * nn.accuracy(A2, learned.y_test)}
    X, y = nn.load_images()
    last = {"images_train": X[:1437], "images_test": X[1437:], "y_train": y[:1437]}
    last["mean"], last["std"] = nn.pixel_statistics(X[:1437])
    row = ends(train_changed(seed, y_test=y[1437:], **last))
    rows["the last 360 as the test"] = {"test %": row["test %"]}
    return rows


def one_pixel(seed):
    """One pixel, set to 0 or 16, can spoil every right answer; divided by 16, one of four."""
    rows = {}
    for name, way in (("standardized", {}), ("divided by 16", {"mean": 0, "std": 16})):
        learned = train_changed(seed, **way)
        right = nn.read_images(learned, learned.images_test)[1].argmax(axis=1) == learned.y_test
        spoiled = np.zeros_like(right)
        for pixel in range(64):
            for value in (0, 16):
                changed = learned.images_test.copy()
                changed[:, pixel] = value
                spoiled |= nn.read_images(learned, changed)[1].argmax(axis=1) != learned.y_test
        rows[name] = {"spoiled %": 100 * spoiled[right].mean()}
    return rows


FUNCTIONS = [layer, neurons, images, rate, standardizing, digits, ink, strangers, one_pixel]
LESSONS = {function.__name__: function for function in FUNCTIONS}


def compute(name, seed):
    """Return the rows of a lesson, without what the training prints."""
    with contextlib.redirect_stdout(io.StringIO()):
        return LESSONS[name](seed)


def print_lesson(name, rows, tables):
    """Print each row of figures: the mean, below it the smallest and the largest."""
    columns = list(next(iter(rows.values())))
    print(f"\n{name}: {LESSONS[name].__doc__}\n{'':35}", *columns, sep="  ")
    for number, row in enumerate(rows):
        for kind in ("mean", "smallest", "largest"):
            figures = zip(columns, tables[kind][number])
            cells = [f"{figure:{len(c)}.{4 if figure < 2 else 2}f}" for c, figure in figures]
            print(f"{row if kind == 'mean' else kind:>35}", *cells, sep="  ", flush=True)


def differences(name, rows, tables):
    """Return a line for each figure in CLAIMS that is not as it is told."""
    lines = []
    for lesson, row, kind, told in CLAIMS:
        if lesson == name:
            figures = tables[kind][list(rows).index(row)]
            for column, text, figure in zip(rows[row], told.split(), figures):
                decimals = len(text.partition(".")[2])
                if text != "-" and abs(figure - float(text)) > 0.501 * 10**-decimals:
                    lines.append(f"{name}, {row}, {kind}: {column} told {text}, is {figure:.6g}")
    return lines


def main():
    parser = argparse.ArgumentParser(usage="lessons.py [name ...] [--seeds N] [--check]")
    parser.add_argument("names", nargs="*", choices=["all", *LESSONS], default="all")
    parser.add_argument("--seeds", type=int, help="default: 5 (digits: 20)")
    parser.add_argument("--check", action="store_true", help="are the figures as they are told?")
    options = parser.parse_args()
    if options.seeds is not None and (options.seeds < 1 or options.check):
        parser.error("--seeds must be 1 or more, and not beside --check")
    assert {lesson for lesson, *_ in CLAIMS} <= set(LESSONS), "CLAIMS names an unknown lesson"
    jobs, wrong = {}, []
    with ProcessPoolExecutor(2) as pool:
        for name in LESSONS if "all" in options.names else options.names:
            seeds = range(options.seeds or (20 if name == "digits" else 5))
            jobs[name] = [pool.submit(compute, name, seed) for seed in seeds]
        for name in jobs:
            rows = [job.result() for job in jobs[name]]
            seeds = np.array([[list(row.values()) for row in table.values()] for table in rows])
            tables = {"mean": seeds.mean(0), "smallest": seeds.min(0), "largest": seeds.max(0)}
            tables["seed 0"] = seeds[0]
            print_lesson(name, rows[0], tables)
            if options.check:
                wrong += differences(name, rows[0], tables)
    if options.check:
        print("", *wrong, f"{len(wrong)} figures are not as they are told.", sep="\n")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
