"""Print the figures behind what the chapter says: means over several seeds, each with its own split and first weights.

python tests/lessons.py            all lessons, 5 seeds, about three minutes on two processors
python tests/lessons.py capacity   one of them; their names are in LESSONS below
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

COLUMNS = "training loss  test loss      gap  ratio  training acc.  test acc.      gap"


def run(seed, hidden=16, lr=nn.LR, epochs=nn.EPOCHS, n_train=None, test_fraction=0.2, **choices):
    """Train one network and return its History; choices: standardized=False, shuffled=False."""
    rng = np.random.default_rng(seed)
    X, y = nn.load_images()
    X_train, X_test, y_train, y_test = nn.train_test_split(X, y, test_fraction, rng)
    if not choices.get("shuffled", True):
        n = len(X_train)
        X_train, X_test, y_train, y_test = X[:n], X[n:], y[:n], y[n:]
    X_train, y_train = X_train[:n_train], y_train[:n_train]
    if choices.get("standardized", True):
        X_train, X_test = nn.standardize(X_train, X_test)
    params = nn.init_params(64, hidden, 10, rng)
    with contextlib.redirect_stdout(io.StringIO()):
        return nn.train(
            params, X_train, nn.one_hot(y_train), X_test, nn.one_hot(y_test), lr, epochs
        )


def run_without_hidden_layer(seed, epochs=nn.EPOCHS):
    """Train ten sigmoid outputs that get the pixels themselves, with the same steps."""
    rng = np.random.default_rng(seed)
    images, test_images, y, y_test = nn.train_test_split(*nn.load_images(), 0.2, rng)
    X, X_test = nn.standardize(images, test_images)
    Y = nn.one_hot(y)
    W, b = rng.normal(0, 0.1, (64, 10)).astype(np.float32), np.zeros(10, np.float32)
    for _ in range(epochs):
        A = nn.sigmoid(X @ W + b)
        dZ = (A - Y) * nn.sigmoid_derivative(A)
        W -= nn.LR * X.T @ dZ
        b -= nn.LR * dZ.sum(axis=0)
    A, A_test = nn.sigmoid(X @ W + b), nn.sigmoid(X_test @ W + b)
    losses = [nn.loss(A, Y)], [nn.loss(A_test, nn.one_hot(y_test))]
    return nn.History(*losses, [nn.accuracy(A, y)], [nn.accuracy(A_test, y_test)], [])


def means(name, train, seeds, **settings):
    """Print one row: the last figures, as means over the seeds; return the histories."""
    with ProcessPoolExecutor(2) as pool:
        jobs = [pool.submit(train, seed, **settings) for seed in range(seeds)]
        histories = [job.result() for job in jobs]
    ends = np.mean([[curve[-1] for curve in history[:4]] for history in histories], axis=0)
    losses = f"{ends[0]:13.4f}{ends[1]:11.4f}{ends[1] - ends[0]:9.4f}{ends[1] / ends[0]:7.2f}"
    print(f"{name:28}{losses}{ends[2]:15.2%}{ends[3]:11.2%}{ends[2] - ends[3]:9.2%}", flush=True)
    return histories


def capacity(seeds):
    """More hidden neurons: both losses fall, and the gap does not grow."""
    for hidden in (2, 4, 8, 16, 32, 64):
        means(f"{hidden} hidden neurons", run, seeds, hidden=hidden)


def images(seeds):
    """More training images close the gap (lr is scaled, so that steps are of the same length)."""
    for n in (100, 300, 600, 1437):
        means(f"{n} training images", run, seeds, n_train=n, lr=nn.LR * 1437 / n)
    for fraction in (0.5, 0.8, 0.9):
        means(f"--test-fraction {fraction}", run, seeds, test_fraction=fraction)


def rate(seeds):
    """The learning rate, from what is too small to what is too large."""
    for lr in (3.5e-7, 0.000051, 0.00051, 0.0051, 0.051):
        means(f"--lr {lr:g}", run, seeds, lr=lr)


def layer(seeds):
    """What the hidden layer and the standardizing give."""
    means("64-16-10", run, seeds)
    means("64-10, no hidden layer", run_without_hidden_layer, seeds)
    means("not standardized", run, seeds, standardized=False)


def strangers(seeds):
    """The last 360 images as the test, in the order of the data set, and where its loss is least."""
    for history in means("the last 360 as the test", run, seeds, shuffled=False):
        print(
            f"  least test loss {min(history.test_loss):.4f} after {np.argmin(history.test_loss)}"
        )


def longer(seeds):
    """Ten times as many epochs: where the test loss is least, and where it ends."""
    for history in means("60000 epochs", run, seeds, epochs=60_000):
        least = np.argmin(history.test_loss)
        print(f"  least test loss {history.test_loss[least]:.5f} after {least} epochs", end="")
        print(f", {history.test_loss[6500]:.5f} after 6500, {history.test_loss[-1]:.5f} at the end")


def count_changed(learned, pixels):
    """Return which part of the right answers one of these pixels, set to 0 or 16, spoils, and of the wrong mends."""
    answers = nn.forward(learned.params, learned.X_test)[1].argmax(axis=1)
    right = answers == learned.y_test
    spoiled, mended = np.zeros_like(right), np.zeros_like(right)
    for pixel in pixels:
        for ink in (0, 16):
            images = learned.images_test.copy()
            images[:, pixel] = ink
            _, X = nn.standardize(learned.images_train, images)
            now_right = nn.forward(learned.params, X)[1].argmax(axis=1) == learned.y_test
            spoiled |= right & ~now_right
            mended |= ~right & now_right
    return spoiled[right].mean(), mended[~right].mean()


def learn(seed):
    """Do what the program does with this seed, without its output."""
    with contextlib.redirect_stdout(io.StringIO()):
        return nn.learn_digits(seed=seed)


def pixels(seeds):
    """A single pixel set to 0 or 16 spoils right answers and mends wrong ones; rare ink does most."""
    with ProcessPoolExecutor(2) as pool:
        networks = list(pool.map(learn, range(seeds)))
    for least in (0, 0.05, 0.25, 0.5, 0.75):
        parts, counts = [], []
        for learned in networks:
            inked = (learned.images_train > 0).mean(axis=0)
            chosen = np.flatnonzero(inked >= least)
            counts.append(len(chosen))
            parts.append(count_changed(learned, chosen))
        spoiled, mended = np.mean(parts, axis=0)
        which = f"pixels with ink in at least {least:.0%} of the training images"
        print(
            f"{which}: {np.mean(counts):.1f}; spoil {spoiled:.1%} of the right answers, mend {mended:.1%}"
        )


LESSONS = {f.__name__: f for f in (capacity, images, rate, layer, strangers, longer, pixels)}

if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("lessons", nargs="*", default=list(LESSONS), help=", ".join(LESSONS))
    parser.add_argument("--seeds", type=int, default=5)
    options = parser.parse_args()
    for name in options.lessons:
        print(f"\n{name}: {LESSONS[name].__doc__}\n{' ' * 28}{COLUMNS}")
        LESSONS[name](options.seeds)
