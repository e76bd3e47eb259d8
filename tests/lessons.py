"""Print the figures behind what the chapter says: means over several seeds.

python tests/lessons.py            all lessons, 5 seeds, about two minutes on two processors
python tests/lessons.py capacity   one of them; their names are in LESSONS below

Each seed has its own training and test images and its own first weights.
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


def run(seed, hidden=16, lr=nn.LR, epochs=nn.EPOCHS, test_fraction=0.2, **changes):
    """Train one network and return its History; what is left out is as in the program."""
    rng = np.random.default_rng(seed)
    X, y = nn.load_images()
    X_train, X_test, y_train, y_test = nn.train_test_split(X, y, test_fraction, rng)
    if changes.get("last_images_as_test"):
        n = len(X_train)
        X_train, X_test, y_train, y_test = X[:n], X[n:], y[:n], y[n:]
    n_train = changes.get("n_train", len(X_train))
    X_train, y_train = X_train[:n_train], y_train[:n_train]
    if "divided_by" in changes:
        X_train, X_test = X_train / changes["divided_by"], X_test / changes["divided_by"]
    else:
        X_train, X_test = nn.standardize(X_train, X_test)
    sets = X_train, nn.one_hot(y_train), X_test, nn.one_hot(y_test)
    if changes.get("no_hidden_layer"):
        return train_without_hidden_layer(*sets, rng)
    with contextlib.redirect_stdout(io.StringIO()):
        return nn.train(nn.init_params(64, hidden, 10, rng), *sets, lr, epochs)


def train_without_hidden_layer(X, Y, X_test, Y_test, rng):
    """Train ten sigmoid outputs that get the pixels themselves, with the same steps."""
    W = rng.normal(0, 0.1, (64, 10)).astype(np.float32)
    b = np.zeros(10, np.float32)
    for _ in range(nn.EPOCHS):
        A = nn.sigmoid(X @ W + b)
        dZ = (A - Y) * nn.sigmoid_derivative(A)
        W -= nn.LR * X.T @ dZ
        b -= nn.LR * dZ.sum(axis=0)
    A, A_test = nn.sigmoid(X @ W + b), nn.sigmoid(X_test @ W + b)
    losses = [nn.loss(A, Y)], [nn.loss(A_test, Y_test)]
    accuracies = [nn.accuracy(A, Y.argmax(1))], [nn.accuracy(A_test, Y_test.argmax(1))]
    return nn.History(*losses, *accuracies, [])


def means(name, seeds, **settings):
    """Print one row: the last figures, as means over the seeds; return the histories."""
    with ProcessPoolExecutor(2) as pool:
        jobs = [pool.submit(run, seed, **settings) for seed in range(seeds)]
        histories = [job.result() for job in jobs]
    ends = np.mean([[curve[-1] for curve in history[:4]] for history in histories], axis=0)
    losses = f"{ends[0]:13.4f}{ends[1]:11.4f}{ends[1] - ends[0]:9.4f}{ends[1] / ends[0]:7.2f}"
    print(f"{name:28}{losses}{ends[2]:15.2%}{ends[3]:11.2%}{ends[2] - ends[3]:9.2%}", flush=True)
    return histories


def capacity(seeds):
    """More hidden neurons: both losses fall, and the gap does not grow."""
    for hidden in (2, 4, 8, 16, 32, 64):
        means(f"{hidden} hidden neurons", seeds, hidden=hidden)


def images(seeds):
    """More training images close the gap (lr is scaled, so that the steps are as large)."""
    for n in (100, 300, 600, 1437):
        means(f"{n} training images", seeds, n_train=n, lr=nn.LR * 1437 / n)
    means("--test-fraction 0.9, lr 0.0041", seeds, test_fraction=0.9, lr=0.0041)
    for fraction in (0.5, 0.8, 0.9):
        means(f"--test-fraction {fraction}", seeds, test_fraction=fraction)


def rate(seeds):
    """The learning rate, from what is too small to what is too large."""
    for lr in (3.5e-7, 0.000051, 0.00051, 0.0051, 0.051):
        means(f"--lr {lr:g}", seeds, lr=lr)
    means("--lr 0.0051 --hidden 64", seeds, lr=0.0051, hidden=64)


def layer(seeds):
    """What the hidden layer and the standardizing give."""
    means("64-16-10", seeds)
    means("64-10, no hidden layer", seeds, no_hidden_layer=True)
    means("pixels as they are", seeds, divided_by=1)
    means("pixels divided by 16", seeds, divided_by=16)


def strangers(seeds):
    """The last 360 images as the test, and where its loss is least."""
    for history in means("the last 360 as the test", seeds, last_images_as_test=True):
        loss = history.test_loss
        print(f"  least test loss {min(loss):.4f} after {np.argmin(loss)}, last {loss[-1]:.4f}")


def longer(seeds):
    """60,000 epochs: where the test loss is least, and where it ends."""
    for history in means("60000 epochs", seeds, epochs=60_000):
        loss = history.test_loss
        print(f"  least test loss {min(loss):.5f} after {np.argmin(loss)}, last {loss[-1]:.5f}")


def pixels(seeds):
    """One pixel, set to 0 or 16, spoils right answers, fewer if the pixels are not standardized."""
    for name, divided in [("standardized", False), ("divided by 16", True)]:
        with ProcessPoolExecutor(2) as pool:
            spoiled = np.mean(list(pool.map(count_spoiled, range(seeds), [divided] * seeds)))
        print(f"{name:28}{spoiled:.1%} of the right answers can be spoiled", flush=True)


def count_spoiled(seed, divided):
    """Train a network; return the fraction of its right answers that one pixel makes wrong."""
    rng = np.random.default_rng(seed)
    X, y = nn.load_images()
    images_train, images_test, y_train, y_test = nn.train_test_split(X, y, 0.2, rng)

    def prepare(images):
        return images / 16 if divided else nn.standardize(images_train, images)[1]

    params = nn.init_params(64, 16, 10, rng)
    X_train, X_test = prepare(images_train), prepare(images_test)
    with contextlib.redirect_stdout(io.StringIO()):
        nn.train(params, X_train, nn.one_hot(y_train), X_test, nn.one_hot(y_test))
    right = nn.forward(params, X_test)[1].argmax(axis=1) == y_test
    spoiled = np.zeros_like(right)
    for pixel in range(64):
        for ink in (0, 16):
            images = images_test.copy()
            images[:, pixel] = ink
            _, A2 = nn.forward(params, prepare(images))
            spoiled |= A2.argmax(axis=1) != y_test
    return spoiled[right].mean()


LESSONS = {f.__name__: f for f in (capacity, images, rate, layer, strangers, longer, pixels)}

if __name__ == "__main__":
    shown = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=shown)
    parser.add_argument("lessons", nargs="*", default=list(LESSONS), help=", ".join(LESSONS))
    parser.add_argument("--seeds", type=int, default=5)
    options = parser.parse_args()
    for name in options.lessons:
        print(f"\n{name}: {LESSONS[name].__doc__}\n{' ' * 28}{COLUMNS}")
        LESSONS[name](options.seeds)
