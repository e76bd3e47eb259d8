# /// script
# requires-python = ">=3.9"
# dependencies = ["numpy>=1.21", "matplotlib>=3.8", "scikit-learn>=1.0"]
# ///
"""How does a neural network learn? This file answers that, and it runs: python neural_net_digits.py

It shows 1437 images of handwritten digits to a network of 16 hidden neurons, which then reads nearly all of 360 others.
Every step is below, in NumPy, in order. Read from the top; then change one of the knobs, guess, run, and look.
"""

import argparse
import logging
import os
import sys
import time
import warnings
from collections import namedtuple

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before NumPy: on small matrices, more threads mostly wait
backend = None if "ipykernel" in sys.modules else os.environ.pop("MPLBACKEND", None)  # tried later: it may be missing
logging.getLogger("matplotlib").setLevel(logging.ERROR)  # its remarks on caches and fonts are not for the reader
try:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # an old version of one package may warn of a new one of another
        import matplotlib.pyplot as plt
        import numpy as np
        from sklearn.datasets import load_digits
except (ImportError, KeyboardInterrupt) as error:
    sys.exit(f"{error}. To install it: python -m pip install numpy matplotlib scikit-learn" if str(error) else 130)

LR = 0.00051  # learning rate: how far each step goes (section 8 says why it is so small)
EPOCHS = 6500  # how many steps; in each, the network sees every training image once
HIDDEN = 16  # hidden neurons, between the pixels and the outputs: the capacity of the network
TEST_FRACTION = 0.2  # the part of the images that is kept back for the test
SEED = 0  # where the random numbers start; another seed is another split and other first weights


# %% [markdown]
# # How a neural network learns
# The shapes, for N images and H hidden neurons. `X`, `Y`, `Z` and `A` have a row for each image.
# - `X` (N, 64), `y` (N,), `Y` (N, 10): the images, the digit that each one shows, the same as ten numbers (section 4)
# - `W1` (64, H), `b1` (H,), `W2` (H, 10), `b2` (10,): weights and biases, all that is learned
# - `Z1` (N, H), `Z2` (N, 10): weighted sums; `A1`, `A2`: activations, their sigmoids (section 5); `A2` is the answer
# - `dW1`, `dZ1`, ...: the derivative of the error E with respect to `W1`, `Z1`, ..., and of the same shape
# ## 1. The images
# An image is 8x8 pixels from 0 (paper) to 16 (ink), laid end to end: 64 numbers, and no word on which were neighbours.
# %%
def load_images():
    """Return scikit-learn's handwritten digits: X (1797, 64) float32, pixels 0 to 16, and y (1797,) integers 0 to 9."""
    digits = load_digits()
    return digits.data.astype(np.float32), digits.target  # float32: half the memory of float64, and faster


# %% [markdown]
# ## 2. Train and test
# A network can learn its images by heart, as a student can learn last year's answers. Only an exam with new questions
# shows what was understood, so a fifth of the images is kept back. It is drawn at random, to have all kinds in it.
# %%
def train_test_split(X, y, test_fraction, rng):
    """Return X_train, X_test, y_train, y_test, shuffled; ceil(N * test_fraction) are test. ValueError if 0 or N are."""
    n_test = int(np.ceil(len(X) * test_fraction))
    if not 0 < n_test < len(X):
        raise ValueError(f"test_fraction {test_fraction} puts {n_test} of {len(X)} images into the test")
    test, train = np.split(rng.permutation(len(X)), [n_test])  # 0 to N - 1 in random order, cut after n_test
    return X[train], X[test], y[train], y[test]


# %% [markdown]
# ## 3. Standardize
# Some pixels are inked in nearly every image, some hardly ever. To put them on one footing, subtract each pixel's mean
# and divide by its standard deviation. Both come from the training images alone: with the test images in them, the
# network would know something of its exam beforehand (a leak). That is why we split first and standardize second.
# %%
def standardize(X_train, X_test):
    """Return both sets, (N, 64) floats, shifted and scaled by each pixel's mean and deviation in X_train."""
    mean, std = X_train.mean(axis=0), X_train.std(axis=0)  # (64,) each
    std[std == 0] = 1  # a pixel in which nobody writes: 0 / 0 is not a number, 0 / 1 is 0
    return (X_train - mean) / std, (X_test - mean) / std


# %% [markdown]
# ## 4. One-hot
# The network has ten outputs, one for each digit, so a label must become a target for ten outputs: for a 3 it is
# 0 0 0 1 0 0 0 0 0 0, which is row 3 of the identity matrix.
# %%
def one_hot(y, n_classes=10):
    """Return Y (N, n_classes) float32, with a 1 in column y[i] of row i. ValueError names a label out of range."""
    unknown = set(y) - set(range(n_classes))
    if unknown:
        raise ValueError(f"label {unknown.pop()} is not one of the classes 0 to {n_classes - 1}")
    return np.eye(n_classes, dtype=np.float32)[y]


# %% [markdown]
# ## 5. The network
# - **A neuron** multiplies each input by a weight, adds the products to a bias (where it starts from), `z = b + x1*w1 +
#   x2*w2 + ...`, and squeezes the sum into 0 .. 1 with the sigmoid, `a = 1 / (1 + exp(-z))`. `X @ W1` multiplies and
#   adds for all images and hidden neurons at once, `A1 @ W2` for all outputs. (The code says `.dot` for `@`: faster.)
# - **The slope** of the sigmoid follows from its value: `a * (1 - a)`, nearly 0 where a is near 0 or 1 (saturated).
# - **The first weights** are random because hidden neurons that start equal (all weights 0, say) are corrected equally,
#   stay equal, and are one neuron copied 16 times. They are small: large ones saturate neurons, and these hardly learn.
# %%
Params = namedtuple("Params", "W1 b1 W2 b2")  # (64, H), (H,), (H, 10), (10,): all that is learned, or its gradient
np.seterr(over="ignore")  # far below 0, the sigmoid's exp(-z) is infinity, and 1 / infinity is 0, as it should be


def sigmoid(z):
    """Squeeze numbers of any size into 0 .. 1, element by element; shape and float dtype are those of z."""
    return 1 / (1 + np.exp(-z))


def sigmoid_derivative(a):
    """Return the slope of the sigmoid where its value is a (not z); shape and dtype are those of a."""
    return a * (1 - a)


def init_params(n_inputs, n_hidden, n_outputs, rng, dtype=np.float32):
    """Return the Params of an untrained network: weights from rng, normal with deviation 0.1, and biases 0."""
    W1 = rng.normal(0, 0.1, (n_inputs, n_hidden)).astype(dtype)
    W2 = rng.normal(0, 0.1, (n_hidden, n_outputs)).astype(dtype)
    return Params(W1, np.zeros(n_hidden, dtype), W2, np.zeros(n_outputs, dtype))


def forward(params, X):
    """Return the activations of the hidden neurons, A1 (N, H), and of the outputs, A2 (N, 10), for images X (N, 64)."""
    A1 = sigmoid(X.dot(params.W1) + params.b1)  # (N, 64) @ (64, H) -> (N, H); b1 is added to every row
    A2 = sigmoid(A1.dot(params.W2) + params.b2)  # (N, H) @ (H, 10) -> (N, 10)
    return A1, A2


# %% [markdown]
# ## 6. How wrong is it?
# - **The error** E is half the squared distance of outputs from targets, `1/2 sum (A2 - Y)^2`, over all images. We
#   print and draw E / N, the loss per image, to compare sets of 1437 and 360 images. An untrained network answers about
#   0.5 everywhere: its loss should be near `1/2 * 10 * 0.5^2` = 1.25. Check that before anything else.
# - **The answer** is the largest output; accuracy is the share of right answers. It sees only which output wins; the
#   loss also sees by how much. So accuracy can stand still while the loss falls: the outputs move, the winners stay.
# %%
def loss(A2, Y):
    """Return E / N, the error per image, of outputs A2 (N, 10) for targets Y (N, 10), as a float."""
    error = A2 - Y
    return float(np.vdot(error, error)) / (2 * len(Y))  # vdot: multiply element by element and add up, in one go


def accuracy(A2, y):
    """Return the share, 0 to 1, of the images whose largest output in A2 (N, 10) is that of their digit y (N,)."""
    return np.count_nonzero(A2.argmax(axis=1) == y) / len(y)


# %% [markdown]
# ## 7. Backpropagation
# If one weight grew a little, how fast would E grow? That is the derivative of E with respect to this weight; those of
# all 1,210 weights and biases are the gradient. By the chain rule, slopes in a row multiply; from the last line up:
#
#     forward                     backward (`*` is element by element, `@` rows times columns, `.T` swaps the two)
#     Z1 = X @ W1 + b1            dW1 = X.T @ dZ1     db1 = dZ1 summed over images
#     A1 = sigmoid(Z1)            dZ1 = dA1 * A1 * (1 - A1)
#     Z2 = A1 @ W2 + b2           dW2 = A1.T @ dZ2    db2 = dZ2 summed over images    dA1 = dZ2 @ W2.T
#     A2 = sigmoid(Z2)            dZ2 = dA2 * A2 * (1 - A2)
#     E = 1/2 sum (A2 - Y)^2      dA2 = A2 - Y
# - The derivative of `1/2 (a - y)^2` is `a - y`: the half in E cancels the 2. Through a sigmoid, multiply by its slope.
# - In image n, weight `W2[h, k]` multiplies `A1[n, h]`, so its derivative is `A1[n, h] * dZ2[n, k]`. Summed over the
#   images that is `A1.T @ dZ2`, of the shape of `W2`: one number for each weight. A bias has the constant input 1, so
#   its derivative is `dZ2` itself, summed. `W1` and `b1`, whose input is `X`, go the same way.
# - Hidden neuron h feeds all ten outputs, so `dA1[n, h]` is the sum over k of `dZ2[n, k] * W2[h, k]`: `dZ2 @ W2.T`.
# %%
def backward(params, X, Y, A1, A2):
    """Return the gradient of E, summed over images X (N, 64), as Params; A1 and A2 are those of forward(params, X)."""
    ones = np.ones(len(X), X.dtype)  # ones.dot(M) adds up the rows of M, as M.sum(axis=0) does, but faster
    dZ2 = (A2 - Y) * sigmoid_derivative(A2)  # (N, 10); dA2 is A2 - Y
    dW2 = A1.T.dot(dZ2)  # (H, N) @ (N, 10) -> (H, 10)
    db2 = ones.dot(dZ2)  # (N,) @ (N, 10) -> (10,)
    dA1 = dZ2.dot(params.W2.T)  # (N, 10) @ (10, H) -> (N, H)
    dZ1 = dA1 * sigmoid_derivative(A1)  # (N, H)
    dW1 = X.T.dot(dZ1)  # (64, N) @ (N, H) -> (64, H)
    db1 = ones.dot(dZ1)  # (N,) @ (N, H) -> (H,)
    return Params(dW1, db1, dW2, db2)


# %% [markdown]
# ## 8. Learning
# The gradient points where E grows fastest. So take a small step the other way, `W1 = W1 - lr * dW1` and so on, and
# look again: that is gradient descent. Here each step uses all training images (a full batch): it is one epoch.
# - **Why is lr so small?** E is a sum over 1437 images, and so is its gradient. Many programs take the mean over
#   images; they would need `lr = 1437 * 0.00051 = 0.73` for the same step. With the mean, 0.00051 makes steps 1437
#   times smaller; after 6500 of them it does little better than guess (try `--lr 3.5e-7`): beware when you copy an lr.
# - **A far too large lr** throws the weights to where every output is saturated, with no slope back (try `--lr 0.051`).
# %%
# Entry k, from 0 to epochs, is the loss E / N or the accuracy after k epochs; epoch_seconds times the steps alone.
History = namedtuple("History", "train_loss test_loss train_accuracy test_accuracy epoch_seconds")


@np.errstate(over="ignore", invalid="ignore")  # where numbers grow too large to hold, `record` says so in words
def train(params, X_train, Y_train, X_test, Y_test, lr=LR, epochs=EPOCHS):
    """Change params in place by gradient descent and return the History; Ctrl-C ends it early and keeps what it has.

    X (N, 64) and Y (N, 10) are of the dtype of params. FloatingPointError if a huge lr makes the loss no number."""
    y_train, y_test = Y_train.argmax(axis=1), Y_test.argmax(axis=1)
    rows, seconds, A2 = [], [], np.empty(Y_train.shape, params.b2.dtype)
    arrays = X_train, Y_train, A2, X_test  # large ones pass in blocks of 960 rows, which stay in the processor's caches
    *blocks, test_blocks = [np.split(M, range(960, len(M) - 959, 960)) for M in arrays]  # a rest joins the last block

    def record(A2, A2_test):
        rows.append((loss(A2, Y_train), loss(A2_test, Y_test), accuracy(A2, y_train), accuracy(A2_test, y_test)))
        epoch, stride = len(seconds), max(1, epochs // 10)
        if not np.isfinite(sum(rows[-1])):
            raise FloatingPointError(f"After epoch {epoch} the loss is not a number any more: lower --lr, now {lr:g}")
        if epoch % stride == 0 or epoch == epochs:
            ms = f"{1000 * np.median(seconds[-stride:]):.3f}" if seconds else "-"
            print("{:6d}{:15.4f}{:11.4f}{:19.2%}{:15.2%}{:>10}".format(epoch, *rows[-1], ms))

    print(" epoch  training loss  test loss  training accuracy  test accuracy  ms/epoch")
    try:
        for _ in range(epochs):
            A2_test = np.concatenate([forward(params, X)[1] for X in test_blocks])
            start, gradients = time.perf_counter(), []
            for X, Y, A2_block in zip(*blocks):  # only one, unless there are many images
                A1, A2_block[:] = forward(params, X)  # A2_block is a part of A2, so this fills A2
                gradients.append(backward(params, X, Y, A1, A2_block))
            # E is a sum over images, so its gradient is the sum of those of the blocks, the first one and the others.
            for parameter, first, *others in zip(params, *gradients):
                parameter -= lr * sum(others, first)  # the step; -= changes the array itself
            stop = time.perf_counter()
            record(A2, A2_test)  # of the network before the step
            seconds.append(stop - start)
    except KeyboardInterrupt:
        print(f"Stopped by Ctrl-C in epoch {len(seconds) + 1} of {epochs}; what was learned so far is kept.")
        epochs = len(seconds)  # whole epochs
        del rows[epochs:]
    record(forward(params, X_train)[1], forward(params, X_test)[1])  # the network that is handed back
    return History(*np.array(rows).T, np.array(seconds))


# %% [markdown]
# ## 9. Looking at what was learned
# - **The gap.** At first both losses fall together. Then the training loss keeps falling, the test loss hardly: what is
#   learned now is mostly true of the training images only. That is overfitting; test loss / training loss measures it.
# - **Capacity.** `--compare-hidden 2 4 8 16 32 64` trains a network of each size. A small one has no room to learn by
#   heart, so its two losses lie close together. But it pays: with 2 hidden neurons it reads neither set well; that is
#   underfitting. Up to 32, both losses fall and their ratio grows; from 16 on the test loss hardly falls, and test
#   accuracy moves by a few images. (The test loss never turns up again, here. To choose a size, use a validation set.)
# - **Inside.** The 64 weights of a hidden neuron make an image too: ink on red pixels excites it, ink on blue ones
#   calms it. Hardly any looks like a digit. Pixels that nobody inks keep their first, random weights.
# %%
def draw_two_curves(axis, x, training, test, title, xlabel, ylabel, marker="", **scales):
    """Draw against x what was measured on the training images (blue) and on the test images (orange, dashed)."""
    axis.plot(x, training, marker=marker, label="training images")
    axis.plot(x, test, "--", marker=marker, label="test images")
    axis.set(title=title, xlabel=xlabel, ylabel=ylabel, **scales)
    axis.minorticks_off()
    if axis.get_yscale() == "log":  # write 0.01, 0.02, 0.05, 0.1, ..., as in the table
        axis.yaxis.set(major_locator=plt.LogLocator(subs=(1, 2, 5)), major_formatter="{x:g}")
    axis.grid(alpha=0.3)
    axis.legend()


def draw_training(axes, history):
    """Draw the History on three axes: the losses, the accuracies, and the time of each epoch."""
    x, percent = range(len(history.train_loss)), 100 * np.array(history[2:4])
    draw_two_curves(axes[0], x, *history[:2], "Training vs Test Loss", "epoch", "loss per image (log)", yscale="log")
    draw_two_curves(axes[1], x, *percent, "Training vs Test Accuracy", "epoch", "right answers, %", ylim=(0, 102))
    ms = 1000 * history.epoch_seconds
    median = np.median(ms) if len(ms) else 1.0  # there is none if Ctrl-C came in the first epoch
    axes[2].plot(x[1:], ms, ".", markersize=2, rasterized=True)
    axes[2].axhline(median, color="C1")
    axes[2].set(title="Training Time (per epoch)", xlabel="epoch", ylabel=f"milliseconds (median {median:.3f})")
    axes[2].set_ylim(0, 3 * median)  # cuts off the rare spikes, when the computer was busy elsewhere


def draw_inside(axes, W1, images, A2, y):
    """Draw each hidden neuron's weights (columns of W1), who was taken for whom, and the images that A2 got wrong."""
    limit = np.abs(W1).max()  # one scale for all, 0 is white; [1:] leaves out the gap above
    picture = axes[0].imshow(mosaic(W1.T, gap=1)[0][1:], cmap="RdBu_r", vmin=-limit, vmax=limit)
    axes[0].figure.colorbar(picture, ax=axes[0], label="weight: ink here calms (-) or excites (+)", shrink=0.9)
    axes[0].set(title="Weights of each hidden neuron", xticks=[], yticks=[], facecolor="0.8")
    said, counts = A2.argmax(axis=1), np.zeros((10, 10), dtype=int)
    np.add.at(counts, (y, said), 1)
    axes[1].imshow(np.sqrt(counts), cmap="Blues", vmax=2 * np.sqrt(counts.max()))  # a root, so that one mistake shows
    for digit, answer in zip(*counts.nonzero()):
        axes[1].text(answer, digit, counts[digit, answer], ha="center", va="center")
    ticks = {"xticks": range(10), "yticks": range(10)}
    axes[1].set(title="Confusion matrix", xlabel="the network said", ylabel="the test image shows", **ticks)
    wrong = np.flatnonzero(said != y)
    shown = wrong[np.argsort(-A2[wrong].max(axis=1), kind="stable")][:12]
    axes[2].set(title=f"{len(wrong)} of {len(y)} test images wrong, surest first", xticks=[], yticks=[], frame_on=False)
    if len(shown):
        picture, corners = mosaic(images[shown], gap=3)
        axes[2].imshow(picture, cmap="Greys")
        for (x, top), i in zip(corners, shown):
            axes[2].text(x + 3.5, top - 0.7, f"said {said[i]}, was {y[i]}", ha="center", va="bottom", fontsize=8)


def mosaic(tiles, gap):
    """Lay 8x8 tiles out in a square; return one image, with NaN in the gaps, and each tile's top left x and y in it."""
    columns = int(np.ceil(np.sqrt(len(tiles))))
    corners = [(i % columns * (8 + gap), i // columns * (8 + gap) + gap) for i in range(len(tiles))]
    image = np.full((corners[-1][1] + 8, columns * (8 + gap) - gap), np.nan)
    for (x, y), tile in zip(corners, tiles):
        image[y : y + 8, x : x + 8] = tile.reshape(8, 8)
    return image, corners


def draw_comparison(axes, table):
    """Draw table, a dict from the number of hidden neurons to the last losses and accuracies, on two axes."""
    sizes, final, x = list(table), np.array(list(table.values())).T, "hidden neurons"
    draw_two_curves(axes[0], sizes, *final[:2], "Final Loss", x, "loss per image", "o", xscale="log", yscale="log")
    draw_two_curves(axes[1], sizes, *100 * final[2:], "Final Accuracy", x, "right answers, %", "o", xscale="log")
    plt.setp(axes, xticks=sizes, xticklabels=sizes)


# %% 10. The program: all of it in order
def main(argv=None):
    """Run the program; argv are its arguments, by default those of the command line."""
    options = parse_arguments(argv)
    X, y = load_images()
    print(f"Loaded {len(X)} images of 8x8 pixels")
    table = {}  # hidden neurons -> how that network ends
    for hidden in sorted(set(options.compare_hidden or [options.hidden])):
        rng = np.random.default_rng(options.seed)  # for every size the same split
        X_train, images, y_train, y_test = train_test_split(X, y, TEST_FRACTION, rng)
        X_train, X_test = standardize(X_train, images)
        params = init_params(64, hidden, 10, rng)
        size = sum(parameter.size for parameter in params)
        print(f"64-{hidden}-10 network: {size:,} numbers to learn; {len(X_train)} training, {len(X_test)} test images")
        history = train(params, X_train, one_hot(y_train), X_test, one_hot(y_test), options.lr, options.epochs)
        table[hidden] = [curve[-1] for curve in history[:4]]
        if len(history.epoch_seconds) < options.epochs:  # Ctrl-C
            break
    if options.compare_hidden:
        print("hidden  training loss  test loss  training accuracy  test accuracy  test/train")
        for hidden, row in table.items():
            print("{:6d}{:15.4f}{:11.4f}{:19.2%}{:15.2%}{:12.2f}".format(hidden, *row, row[1] / row[0]))
        figure, axes = plt.subplots(1, 2, figsize=(13, 5), layout="constrained")
        draw_comparison(axes, table)
    else:
        if history.test_accuracy[-1] < 0.2:
            print("That is little better than guessing. Is --lr too large or too small? Too few --epochs or --hidden?")
        print(f"✅ Final Test Accuracy: {history.test_accuracy[-1]:.2%}")
        figure, axes = plt.subplots(2, 3, figsize=(13, 8))
        figure.subplots_adjust(0.07, 0.065, 0.985, 0.9, 0.24, 0.28)  # saved sooner than with a computed layout
        draw_training(axes[0], history)
        draw_inside(axes[1], params.W1, images, forward(params, X_test)[1], y_test)
        figure.suptitle(f"64-{hidden}-10 network: final test accuracy {history.test_accuracy[-1]:.2%}", fontsize=16)
    problem = None
    try:
        figure.savefig(options.output, dpi=120)
    except Exception as error:  # no space, no permission, no such folder any more; what was learned has been printed
        problem = f"Cannot save the picture to {options.output}: {error}"
    print(problem or f"Picture saved to {options.output}", file=sys.stderr if problem else sys.stdout)
    plt.show()  # where there is a screen, or a notebook
    if problem:
        sys.exit(1)


def parse_arguments(argv):
    """Return the options, the defaults being those at the top; end with status 2 and a line on what cannot work."""
    parser = argparse.ArgumentParser(description="Train a network on handwritten digits and draw how it learned.")
    parser.add_argument("--lr", type=float, default=str(LR), help="learning rate (%(default)s)")
    parser.add_argument("--epochs", type=int, default=str(EPOCHS), metavar="N", help="number of steps (%(default)s)")
    parser.add_argument("--hidden", type=int, default=str(HIDDEN), metavar="N", help="hidden neurons (%(default)s)")
    parser.add_argument("--seed", type=int, default=str(SEED), metavar="N", help="split and weights (%(default)s)")
    parser.add_argument("--compare-hidden", type=int, nargs="+", default=[], metavar="N", help="compare these sizes")
    parser.add_argument("--output", default="neural_net_digits.png", help="file for the picture (%(default)s)")
    parser.add_argument("--no-show", action="store_true", help="save the picture without showing it")
    options = parser.parse_args(argv)  # checks the knobs, too, because they are passed to it as text
    folder, ending = os.path.dirname(options.output) or ".", os.path.splitext(options.output)[1].lower()[1:]
    checks = {
        "--lr: must be a number above 0": 0 < options.lr < np.inf,
        "--epochs: must be from 1 to 1000000": 1 <= options.epochs <= 1000000,
        "--hidden: must be from 1 to 10000": 1 <= options.hidden <= 10000,
        "--compare-hidden: must be from 1 to 10000": all(1 <= n <= 10000 for n in options.compare_hidden),
        "TEST_FRACTION: must be from 0.01 to 0.99": 0.01 <= TEST_FRACTION <= 0.99,
        "--seed: must be 0 or more": options.seed >= 0,
        "--output: must end in .png, .pdf, .svg, ...": ending in plt.Figure().canvas.get_supported_filetypes(),
        f"--output: {options.output} is a folder": not os.path.isdir(options.output),
        f"--output: cannot write into the folder {folder}": os.access(folder, os.W_OK),
    }
    for problem in [problem for problem, fits in checks.items() if not fits]:
        parser.error(f"argument {problem}")
    try:
        plt.switch_backend("agg" if options.no_show else backend or plt.get_backend())
    except (ImportError, ValueError):  # no such window system
        plt.switch_backend("agg")
    return options


if __name__ == "__main__":
    script = os.path.abspath(sys.argv[0]) == os.path.abspath(globals().get("__file__", ""))  # else a notebook's cell
    console = script and hasattr(sys.stdout, "reconfigure")  # else the window of an editor
    if console:
        warnings.simplefilter("ignore")  # what libraries would warn of is nothing that a reader can act on
        sys.stdout.reconfigure(errors="replace", line_buffering=True)  # no ✅ on this console? Then a question mark
    try:
        main(None if script else [])
    except (KeyboardInterrupt, FloatingPointError) as error:
        sys.exit(str(error) or 130)  # Ctrl-C has nothing to say
    except OSError as error:  # nobody reads what is printed (`| head -1`), or there is no space for it
        if console:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or Python would try again at its end
        sys.exit(1 if isinstance(error, BrokenPipeError) else f"Cannot go on: {error}")
