"""How does a neural network learn? This file answers that, and it runs: python neural_net_digits.py

It trains a small network to read handwritten digits. At first the network only guesses. Seconds
later it reads nearly all of 360 images that it has never seen. All of it is here, in NumPy.

You need the basics of Python and NumPy, school algebra, and one or two hours. New words are
explained. After reading, change a setting below, guess what will happen, and run the program.
"""

import argparse
import os
import sys
import time
from collections import namedtuple
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # use one processor core: it is enough
import matplotlib.pyplot as plt  # python -m pip install matplotlib
import numpy as np  # python -m pip install numpy
from sklearn.datasets import load_digits  # python -m pip install scikit-learn

LR = 0.00051  # learning rate: sets the size of each training step (section 8)
EPOCHS = 6500  # the number of steps (section 8)
HIDDEN = 16  # the number of hidden neurons (section 5)
TEST_FRACTION = 0.2  # the part of the images that is kept for the test (section 2)
SEED = 0  # where the random numbers start: another seed gives other numbers


# %% [markdown]
# # How a neural network learns
# ## 1. The images
# The library scikit-learn has 1797 images of handwritten digits, each with 8 rows of 8 pixels. A
# pixel is a number from 0 (paper) to 16 (ink). The first image is a 0 (dots are paper):
#
#      .  .  5 13  9  1  .  .
#      .  . 13 15 10 15  5  .
#      .  3 15  2  . 11  8  .
#      .  4 12  .  .  8  8  .
#      .  5  8  .  .  9  8  .
#      .  4 11  .  1 12  7  .
#      .  2 14  5 10 12  .  .
#      .  .  6 13 10  .  .  .
#
# Each row of the array `X` has the 64 pixels of one image: its 8 rows, one after another. The array
# `y` has the labels, the digits that the images show.
#
# The examples stand below lines `# %% tags=...`. To try them, start Python in the folder of this
# file. Type `from neural_net_digits import *`, then the examples in order, without the first `# `
# of each line. Type commands such as `python neural_net_digits.py` in a second terminal.
# %%
def load_images():
    """Return the images X (1797, 64), float32 from 0 to 16, and the labels y (1797,), integers."""
    digits = load_digits()
    X = digits.data.astype(np.float32)  # float32: about 7 decimal digits
    return X, digits.target


# %% tags=["active-ipynb"]
# X, y = load_images()
# print(X[0].reshape(8, 8), "shows a", y[0])


# %% [markdown]
# ## 2. Train and test
# A network can memorize images, as a student can memorize the answers of an old exam. Only new
# questions show what was understood. So a fifth of the images, chosen at random, is kept for the
# test. The network learns only from the other 1437, the training images.
#
# The test has a limit: the same 13 people wrote the training and the test images. So it does not
# show how well the network reads a stranger's digits. If we do not shuffle, but keep the last 360
# images for the test, perhaps by other people, the network reads only 90 to 91 % of them, not
# 96.8 %. (Such numbers are mean values over five seeds: five runs with different random numbers.)
# %%
def train_test_split(X, y, test_fraction, rng):
    """Return X_train, X_test, y_train, y_test: images and labels, shuffled and split."""
    n_test = int(np.ceil(len(X) * test_fraction))  # rounded up
    order = rng.permutation(len(X))  # 0 to len(X) - 1 in random order; rng makes random numbers
    test = order[:n_test]
    train = order[n_test:]
    return X[train], X[test], y[train], y[test]  # X[train]: the rows with these numbers


# %% tags=["active-ipynb"]
# rng = np.random.default_rng(SEED)
# images_train, images_test, y_train, y_test = train_test_split(X, y, TEST_FRACTION, rng)
# print(images_train.shape, images_test.shape)


# %% [markdown]
# ## 3. Standardize
# Pixels go up to 16. From each pixel we subtract its mean over the images, and divide by its
# standard deviation, a typical distance from the mean. Most results are near 0. With these, the
# network reads 96.8 % of the test images, with the pixels themselves only about 95 %. (With pixels
# divided by 16, it reads 96.9 %, but its loss, explained in section 6, is higher.)
#
# We split first: mean and standard deviation come from the training images alone. Otherwise the
# training would use the test images (a leak), and the result could look too good.
# %%
def standardize(X_train, X_test):
    """Return X_train (N, 64) and X_test (N, 64) standardized; X_test may be one image (64,)."""
    mean = X_train.mean(axis=0)  # down each column: (64,), one number for each pixel
    std = X_train.std(axis=0)  # (64,)
    std[std == 0] = 1  # a pixel that never changes is divided by 1: 0 / 0 is no number
    return (X_train - mean) / std, (X_test - mean) / std  # the same mean and std for each row


# %% tags=["active-ipynb"]
# X_train, X_test = standardize(images_train, images_test)
# print(images_train[0, 16:24], "becomes", X_train[0, 16:24])  # 8 of the 64 pixels


# %% [markdown]
# ## 4. One-hot
# The network will have ten outputs, one for each digit. So a label (in `y`) becomes ten targets (in
# `Y`), the numbers that the outputs should have. For a 3 they are 0 0 0 1 0 0 0 0 0 0: the 1 is
# "hot". This is row 3 (counted from 0) of the identity matrix: ones on its diagonal, zeros
# elsewhere.
# %%
def one_hot(y, n_classes=10):
    """Return the targets Y (N, n_classes), float32, for labels y (N,) from 0 to n_classes - 1."""
    identity = np.eye(n_classes, dtype=np.float32)
    return identity[y]  # a row for each label


# %% tags=["active-ipynb"]
# Y_train = one_hot(y_train)
# Y_test = one_hot(y_test)
# print(y_train[0], "becomes", Y_train[0])


# %% [markdown]
# ## 5. The network
# **A neuron** multiplies each of its inputs by a weight. It adds up the products and one more
# number, its bias: `z = x1 * w1 + x2 * w2 + ... + b`. The sigmoid turns z into the activation, a
# number between 0 and 1 (each target is 0 or 1): `a = 1 / (1 + exp(-z))`. (`exp(-z)` is 2.718... to
# the power of -z: nearly 0 for a large z, huge for a z far below 0.)
#
# **Layers.** The 64 pixels of an image go to each of H neurons (here 16), the hidden layer. Their
# activations go to each of ten neurons, the output layer. For N images:
#
#                weights      biases     sums         activations
#     hidden     W1 (64, H)   b1 (H,)    Z1 (N, H)    A1 (N, H)
#     outputs    W2 (H, 10)   b2 (10,)   Z2 (N, 10)   A2 (N, 10)
#
# Row `[1, 2]` times column `[3, 4]` is `1 * 3 + 2 * 4`. Row n, column h of the matrix product
# `X @ W1` is row n of `X` times column h of `W1`, the weights of hidden neuron h. So
# `Z1 = X @ W1 + b1` (b1 is added to each row) has the z of each hidden neuron for each image.
# Weights and biases are the parameters, here `64 * 16 + 16 + 16 * 10 + 10` = 1,210. Training
# changes only these.
#
# **Why a sigmoid?** Its curve is not a straight line. Without a sigmoid in the hidden layer, Z2
# would be `(X @ W1 + b1) @ W2 + b2`. Multiplied out, as with single numbers, this is
# `X @ (W1 @ W2) + (b1 @ W2 + b2)`: one layer, with the weights `W1 @ W2` and the biases
# `b1 @ W2 + b2`. So two layers could do no more than one.
#
# **Why a hidden layer?** Without it, ink on a pixel always adds the same to the z of an output. So
# an output cannot mean "ink on exactly one of these two pixels": if ink on each alone raises z, ink
# on both raises it even more. With a hidden layer, it can: hidden neuron P is near 1 if at least
# one of the pixels has ink, hidden neuron Q only if both have. The output can use P - Q: near 0, 1
# and 0 for ink on none, one and both. These digits are easy: 95.9 % are read even without a hidden
# layer, 96.8 % with it.
#
# **The slope of the sigmoid**, its derivative, is `a * (1 - a)`: if z grows by a tiny amount t, `a`
# grows by nearly t times the slope. Why? Write `a = 1 / (1 + q)` with `q = exp(-z)`. If z grows by
# t, q becomes `exp(-z - t)`, which is `q * exp(-t)` (exponents add up). For a tiny t, `exp(-t)` is
# nearly `1 - t`: `exp(-0.001)` is 0.9990005. So q becomes nearly `q - t * q`, and `a` grows by
# nearly
#
#     1 / (1 + q - t * q) - 1 / (1 + q)
#     = (1 + q - (1 + q - t * q)) / ((1 + q - t * q) * (1 + q))    common denominator
#     = t * q / ((1 + q - t * q) * (1 + q))
#     ~ t * q / ((1 + q) * (1 + q))          ~ means nearly: t * q is far smaller than 1 + q
#     = t * a * (1 - a)                      a is 1 / (1 + q), and 1 - a is q / (1 + q)
#
# Where `a` is near 0 or 1, the slope is nearly 0. A small change of z has almost no effect: the
# neuron is saturated.
#
# **The first weights** are random. If all were 0, all hidden neurons would stay equal (section 7)
# and act as one, until rounding errors make them differ. The weights are small, because large ones
# make z far from 0, and the neurons saturated.
# %%
Params = namedtuple("Params", "W1 b1 W2 b2")  # a tuple with names: params.W1, ...


def sigmoid(z):
    """Return 1 / (1 + exp(-z)) for each element of a float array, in its shape and dtype."""
    with np.errstate(over="ignore"):  # exp(-z) may become infinity: then the result, 0, is right
        return 1 / (1 + np.exp(-z))


def sigmoid_derivative(a):
    """Return the slope of the sigmoid where its value is a (not z), in the shape and dtype of a."""
    return a * (1 - a)


def init_params(n_inputs, n_hidden, n_outputs, rng, dtype=np.float32):
    """Return untrained Params: random weights around 0 (standard deviation 0.1), biases 0."""
    W1 = rng.normal(0, 0.1, (n_inputs, n_hidden)).astype(dtype)
    W2 = rng.normal(0, 0.1, (n_hidden, n_outputs)).astype(dtype)
    return Params(W1, np.zeros(n_hidden, dtype), W2, np.zeros(n_outputs, dtype))


def forward(params, X):
    """Return the activations A1 (N, H) and A2 (N, 10) for images X (N, 64), or for one (64,)."""
    Z1 = X @ params.W1 + params.b1  # (N, 64) @ (64, H) -> (N, H)
    A1 = sigmoid(Z1)
    Z2 = A1 @ params.W2 + params.b2  # (N, H) @ (H, 10) -> (N, 10)
    A2 = sigmoid(Z2)
    return A1, A2


# %% tags=["active-ipynb"]
# params = init_params(64, HIDDEN, 10, rng)
# A1, A2 = forward(params, X_train)
# print(A2[0], "are the outputs for the first training image")


# %% [markdown]
# ## 6. How wrong is it?
# **The error** is `E = 1/2 * sum of (A2 - Y)**2`, over all outputs of all images. The square makes
# every difference count as positive. (The factor 1/2 makes section 7 simpler.) More images make E
# larger, so we print the loss, E / N. At first, the z of each output is a sum of only 16 small
# products. So each output is near `sigmoid(0)` = 0.5, and the first loss is roughly
# `1/2 * 10 * 0.5**2` = 1.25.
#
# **The answer** is the digit with the largest output. The accuracy is the fraction of right
# answers. It can stand still while the loss falls. For example, for an image of a 3, training
# changes output 3 from 0.6 to 0.9, and output 8 from 0.5 to 0.1. The answer is right before and
# after.
# %%
def loss(A2, Y):
    """Return E / N, a float, for outputs A2 and targets Y, both (N, 10), or (10,) for one image."""
    E = ((A2 - Y) ** 2).sum() / 2
    N = Y.size // 10  # ten targets for each image
    return float(E / N)


def accuracy(A2, y):
    """Return the fraction of right answers, 0 to 1, for outputs A2 (N, 10) and labels y (N,)."""
    answers = A2.argmax(axis=1)  # (N,): for each row, the place of its largest number
    return (answers == y).sum() / len(y)  # True counts as 1


# %% tags=["active-ipynb"]
# print("before training: loss", loss(A2, Y_train), "accuracy", accuracy(A2, y_train))


# %% [markdown]
# ## 7. Backpropagation
# If one parameter w grows by a tiny amount t, E grows by nearly `t * dw`. (If dw is below 0, E
# shrinks.) The number dw (one name, not d times w) is the derivative of E with respect to w: the
# slope of E when only w changes. The gradient is all these derivatives, one for each parameter.
# Backpropagation computes it from the outputs back to the inputs.
#
# **The chain rule.** A tiny change of W2 changes Z2, this changes A2, and this changes E: a chain.
# Each change is nearly some number times the change before. The derivative is the product of these
# numbers. dA2, dZ2, dA1 and dZ1 are the derivatives of E with respect to A2, Z2, A1 and Z1.
#
# **One output in numbers.** A neuron has one input, A1 = 0.5, with the weight W2 = 1.7, and no
# bias. Its target is Y = 1. Read the left column down, then the right column up, from dA2 to dA1:
# the points below explain it. (0.7 is rounded.)
#
#     forward                         backward
#     A1                     = 0.5
#     Z2 = A1 * W2           = 0.85   dA1 = dZ2 * W2            = -0.063 * 1.7           = -0.1071
#                                     dW2 = dZ2 * A1            = -0.063 * 0.5           = -0.0315
#     A2 = sigmoid(Z2)       = 0.7    dZ2 = dA2 * A2 * (1 - A2) = -0.3 * 0.7 * (1 - 0.7) = -0.063
#     E = 1/2 * (A2 - Y)**2  = 0.045  dA2 = A2 - Y              = 0.7 - 1                = -0.3
#
# - Let r be `A2 - Y`. If A2 grows by t, `r**2` becomes `(r + t)**2`, which is
#   `r**2 + 2 * t * r + t**2`. For a tiny t, we leave out `t**2`, which is far smaller. So E, half
#   of the square, grows by nearly `t * r`, and dA2 is r.
# - If Z2 grows by t, A2 grows by nearly t times the slope `A2 * (1 - A2)`, so E grows by nearly dA2
#   times this growth. So dZ2 is `dA2 * A2 * (1 - A2)`.
# - If W2 grows by t, Z2 grows by `t * A1`, so E grows by nearly dZ2 times this growth. So dW2 is
#   `dZ2 * A1`. In the same way, dA1 is `dZ2 * W2`.
#
# **The whole network** does the same with arrays. `dW1` has the shape of `W1`, one derivative for
# each weight, and so on. `*` works element by element, `.T` swaps rows and columns, "summed" means
# over the images.
#
#     forward                         backward
#     Z1 = X @ W1 + b1                dW1 = X.T @ dZ1     db1 = dZ1 summed
#     A1 = sigmoid(Z1)                dZ1 = dA1 * A1 * (1 - A1)
#     Z2 = A1 @ W2 + b2               dA1 = dZ2 @ W2.T
#                                     dW2 = A1.T @ dZ2    db2 = dZ2 summed
#     A2 = sigmoid(Z2)                dZ2 = dA2 * A2 * (1 - A2)
#     E = 1/2 * sum of (A2 - Y)**2    dA2 = A2 - Y
#
# - **Many images.** E is a sum over the images, so the derivative of a weight is a sum, too. If the
#   neuron of the example gets a second image, with A1 = 0.2 and dZ2 = 0.1, dW2 is
#   `0.5 * -0.063 + 0.2 * 0.1`. In `A1` and `dZ2`, each image has a row. So this is row `[0.5, 0.2]`
#   of `A1.T` times column `[-0.063, 0.1]` of `dZ2`. Row h of `A1.T` belongs to hidden neuron h,
#   column k of `dZ2` to output k. So dW2 is `A1.T @ dZ2`.
# - **A bias** is like a weight whose input is always 1. So db2 is `dZ2`, summed.
# - **Many outputs.** From one activation in A1, ten chains lead to E, one through each output.
#   Their effects add up. For a hidden neuron with weights `[1.7, 0.4]` to two outputs with dZ2
#   `[-0.063, 0.2]`, dA1 is `-0.063 * 1.7 + 0.2 * 0.4`. This is row n of `dZ2` (image n) times
#   column h of `W2.T` (the weights from hidden neuron h). So dA1 is `dZ2 @ W2.T`.
# - **The hidden layer** follows the same rules: dZ1 comes from dA1, then dW1 and db1 from dZ1, with
#   `X` as input.
# - **Equal neurons stay equal.** Two hidden neurons with the same bias, and the same weights in
#   `W1` and `W2`, have the same A1 and dA1, so the same derivatives. So after a step they are still
#   equal.
# %%
def backward(params, X, Y, A1, A2):
    """Return the gradient of E, as Params, for X (N, 64), Y (N, 10), and A1, A2 from forward."""
    ones = np.ones(len(X), X.dtype)  # (N,): ones @ dZ2 is dZ2.sum(axis=0), but faster
    dA2 = A2 - Y  # (N, 10)
    dZ2 = dA2 * sigmoid_derivative(A2)  # (N, 10)
    dW2 = A1.T @ dZ2  # (H, N) @ (N, 10) -> (H, 10)
    db2 = ones @ dZ2  # (N,) @ (N, 10) -> (10,)
    dA1 = dZ2 @ params.W2.T  # (N, 10) @ (10, H) -> (N, H)
    dZ1 = dA1 * sigmoid_derivative(A1)  # (N, H)
    dW1 = X.T @ dZ1  # (64, N) @ (N, H) -> (64, H)
    db1 = ones @ dZ1  # (N,) @ (N, H) -> (H,)
    return Params(dW1, db1, dW2, db2)


# %% tags=["active-ipynb"]
# # Is the gradient right? One weight grows a little. (float32 has too few digits for this.)
# params = init_params(64, HIDDEN, 10, rng, np.float64)
# A1, A2 = forward(params, X_train)
# gradient = backward(params, X_train, Y_train, A1, A2)
# params.W1[20, 3] += 0.000001
# _, A2_after = forward(params, X_train)  # _ is A1, not needed
# growth = (loss(A2_after, Y_train) - loss(A2, Y_train)) * len(X_train)  # E is N times the loss
# print("measured:", growth / 0.000001, "nearly as backward says:", gradient.W1[20, 3])


# %% [markdown]
# ## 8. Learning
# **Gradient descent.** To make E smaller, a parameter goes down where its derivative is above 0,
# and up where it is below 0: `W1` becomes `W1 - lr * dW1`, and so on. The learning rate, lr, sets
# the size of all steps. A slope is right only for tiny changes, so E shrinks only if lr is small
# enough. After a step the slopes are different, so each step needs a new gradient.
#
# **Epoch and batch.** A batch is the images that one step uses. An epoch is over when all training
# images have been used once. Here each batch has all of them, so an epoch is one step.
#
# **Why is lr so small?** E is a sum over 1437 images, so its gradient is large. We use the sum,
# because then no formula needs a 1/N. Many programs use the mean, E / N. Its gradient is 1437 times
# smaller, so the same step needs an lr of `1437 * 0.00051` = 0.73. With the mean and 0.00051, the
# network would mostly guess.
#
# **Can lr be larger?** With 16 hidden neurons, 0.0051 works, too (section 10), but with 64 it is
# too large. With `python neural_net_digits.py --lr 0.051`, already the first step is too large. For
# each output, nine of ten images have the target 0 and push it down. So this step makes all outputs
# nearly 0. Then the output neurons are saturated, and all later steps are nearly 0.
# %%
# Entry i of each loss and accuracy is measured after i epochs, entry 0 before the training.
History = namedtuple("History", "train_loss test_loss train_accuracy test_accuracy epoch_seconds")


def step(params, X, Y, lr):
    """Change params in place by one step of gradient descent; return A2 from before the step."""
    A1, A2 = forward(params, X)
    gradient = backward(params, X, Y, A1, A2)
    for parameter, derivative in zip(params, gradient):  # W1 with dW1, and so on
        parameter -= lr * derivative  # -= changes the array in params itself
    return A2


# %%
def train(params, X_train, Y_train, X_test, Y_test, lr=LR, epochs=EPOCHS):
    """Change params in place, by a step in each epoch; return the History. Ctrl-C ends it early."""
    y_train = Y_train.argmax(axis=1)  # the labels again
    y_test = Y_test.argmax(axis=1)
    rows = np.zeros((epochs + 1, 4))  # row i: losses and accuracies after i epochs
    seconds = []  # how long the step of each epoch took
    print(" epoch  training loss  test loss  training accuracy  test accuracy  ms/epoch")
    try:
        for epoch in range(epochs):
            _, A2_test = forward(params, X_test)  # only to measure; before the step, like A2
            start = time.perf_counter()
            A2 = step(params, X_train, Y_train, lr)  # all the learning is in this line
            stop = time.perf_counter()
            rows[epoch] = measure(A2, Y_train, y_train, A2_test, Y_test, y_test)
            if epoch % max(1, epochs // 10) == 0:  # about ten times
                print_row(epoch, rows[epoch], seconds)
            seconds.append(stop - start)
    except KeyboardInterrupt:
        print(f"Stopped by Ctrl-C after {len(seconds)} of {epochs} epochs. Nothing is lost.")
    done = len(seconds)  # all epochs, if nobody pressed Ctrl-C
    _, A2 = forward(params, X_train)
    _, A2_test = forward(params, X_test)
    rows[done] = measure(A2, Y_train, y_train, A2_test, Y_test, y_test)
    print_row(done, rows[done], seconds)
    train_loss, test_loss, train_accuracy, test_accuracy = rows[: done + 1].T  # its four columns
    return History(train_loss, test_loss, train_accuracy, test_accuracy, np.array(seconds))


def measure(A2, Y, y, A2_test, Y_test, y_test):
    """Return both losses and both accuracies, from outputs, targets and labels."""
    return loss(A2, Y), loss(A2_test, Y_test), accuracy(A2, y), accuracy(A2_test, y_test)


def print_row(epoch, row, seconds):
    """Print a row of the table; the last column is the median (the middle) of the steps' times."""
    train_loss, test_loss, train_accuracy, test_accuracy = row
    median = f"{1000 * np.median(seconds):.3f}" if seconds else "-"
    losses = f"{train_loss:15.4f}{test_loss:11.4f}"
    print(f"{epoch:6d}{losses}{train_accuracy:19.2%}{test_accuracy:15.2%}{median:>10}")


# %% tags=["active-ipynb"]
# params = init_params(64, HIDDEN, 10, rng)  # start again: other weights, another first loss
# history = train(params, X_train, Y_train, X_test, Y_test, epochs=100)  # only 100 of 6500


# %% [markdown]
# ## 9. All of it, in order
# %%
Learned = namedtuple(
    "Learned", "params history images_train images_test X_train X_test y_train y_test"
)


def learn_digits(hidden=HIDDEN, lr=LR, epochs=EPOCHS, seed=SEED, test_fraction=TEST_FRACTION):
    """Do all of the above and return it: images_... are pixels, 0 to 16, X_... standardized."""
    rng = np.random.default_rng(seed)  # the same seed gives the same random numbers
    X, y = load_images()
    images_train, images_test, y_train, y_test = train_test_split(X, y, test_fraction, rng)
    X_train, X_test = standardize(images_train, images_test)
    Y_train = one_hot(y_train)
    Y_test = one_hot(y_test)
    params = init_params(64, hidden, 10, rng)
    n_params = sum(parameter.size for parameter in params)
    print(f"{len(X_train)} training images, {len(X_test)} test images")
    print(f"64-{hidden}-10 network with {n_params:,} parameters")
    history = train(params, X_train, Y_train, X_test, Y_test, lr, epochs)
    return Learned(params, history, images_train, images_test, X_train, X_test, y_train, y_test)


# %% tags=["active-ipynb"]
# learned = learn_digits()
# i = 0  # or another number, up to 359: type it, and the lines below again
# image = learned.images_test[i]
# print("The label of test image", i, "is", learned.y_test[i])
# # For an image of your own, make one list `numbers` of 64 numbers from 0 to 16 (not 8 lists).
# # Then type image = np.array(numbers), and the lines below. (The answer may be wrong: section 10.)
# _, x = standardize(learned.images_train, image)
# _, outputs = forward(learned.params, x)
# print(outputs.round(2), "answer:", outputs.argmax())


# %% [markdown]
# **What was left out** (names to look up). Softmax and cross-entropy, instead of the last sigmoid
# and E, learn faster from very wrong outputs. Mini-batches make many steps in an epoch, which helps
# with very many images. Adam adapts the size of the step to each parameter. Regularization works
# against overfitting (section 10). A validation set is one more set of images, for choosing
# settings such as lr. Choosing with the test images would be a leak. (In this file, the test images
# only show what the settings do.)
#
# **Here the story ends.** Now run the program. Section 10 explains its picture. Read its text. You
# can skip its code.


# %% [markdown]
# ## 10. Looking at what was learned
# - **Loss.** First, both losses fall together. Then the training loss falls faster: the network now
#   improves more on the training images than on others. It begins to overfit, to learn what is true
#   only of the training images. A gap opens: test loss minus training loss. But the gap does not
#   say which network is better: over five seeds, `--lr 0.0051` has a larger gap than the default
#   (0.028 instead of 0.022), but a lower test loss (0.029 instead of 0.031). If the test loss rises
#   again, more training may do harm. (The axis is logarithmic: from 0.01 to 0.02 is as far as from
#   0.1 to 0.2. So read the gap in the legend, not the length of the black line.)
# - **Accuracy** has a gap, too: training accuracy minus test accuracy.
# - **Time.** Each point is a training step.
# - **Weights.** Each block of 8x8 squares is a hidden neuron, with each weight where its pixel is.
#   Ink on a red pixel raises the z of this neuron, ink on a blue pixel lowers it. What this means
#   for a digit depends on W2. A pixel that is the same in all training images is 0 when
#   standardized. So its derivatives in `dW1` are 0, and its weights stay random.
# - **Confusion matrix.** It counts how often each label of the test images got each answer. Right
#   answers are on the diagonal.
# - **Wrong answers.** Those with the largest output come first.
#
# **Does a smaller network help against overfitting?** Not here: it does not read new images better.
# Its capacity, how much it can learn, is smaller. With 64 hidden neurons, both losses are lower
# than with 16, and the gap is the same, 0.022. With 4, both losses and the gap (0.033) are higher,
# and the test accuracy is 86.3 % instead of 96.8 %. With 2, the gap is only 0.016, because the
# network learns too little: half of its answers are wrong even for the training images. That is
# underfitting. Try `python neural_net_digits.py --compare-hidden 2 4 8 16 32 64` (for one seed, so
# with other numbers).
#
# **More images help.** It is harder to memorize many images than few. Trained on only 100 of the
# training images, the network reads all of them, but only 86.4 % of the test images: an accuracy
# gap of 13.6 percentage points. With 300 images the gap is 6.3, with 1437 it is 2.9. (With fewer
# images E is a smaller sum, so lr must be larger: `0.00051 * 1437 / 100` for 100.) Try a tenth of
# the images, 179: `python neural_net_digits.py --test-fraction 0.9 --lr 0.0041`.
#
# **One pixel can change the answer.** In each test image with a right answer, there is a pixel that
# makes the answer wrong when its ink is set to 0 or 16. Often it is a pixel that is paper in nearly
# all images: its standard deviation is tiny, so ink there becomes a huge number. With pixels
# divided by 16 instead of standardized, only 25 % of these images have such a pixel. The test does
# not show this: its images are not changed. Try `python neural_net_digits.py --play`: paint with
# the mouse, and watch the answer change.
# %%
def draw_curves(ax, train, test, **style):
    """Draw a training and a test curve."""
    ax.plot(train, "C0", label="training images", **style)
    ax.plot(test, "C1--", label="test images", **style)
    ax.grid(alpha=0.3)


def use_log_scale(ax):
    """Make the y axis logarithmic, with plain numbers."""
    ax.set(yscale="log", ylabel="loss (log scale)")
    ax.minorticks_off()
    ax.yaxis.set_major_locator(plt.LogLocator(subs=(1, 2, 3, 5, 7)))
    ax.yaxis.set_major_formatter("{x:g}")


def draw_loss(ax, history):
    """Draw both losses, and the gap at the end."""
    train, test = history.train_loss, history.test_loss
    draw_curves(ax, train, test)
    gap = f"gap: {test[-1] - train[-1]:.4f}"
    ax.vlines(len(train) - 1, train[-1], test[-1], "black", linewidth=3, label=gap)
    ax.set_title("Training vs Test Loss")
    use_log_scale(ax)
    ax.legend(loc="center right")


def draw_accuracy(ax, history):
    """Draw both accuracies."""
    draw_curves(ax, 100 * history.train_accuracy, 100 * history.test_accuracy)
    ax.set(title="Training vs Test Accuracy", ylabel="right answers, %", ylim=(0, 102))
    ax.legend(loc="lower right")


def draw_time(ax, milliseconds):
    """Draw how long each step took, and the median."""
    ax.set(title="Training Time (per epoch)", ylabel="milliseconds of the step")
    if len(milliseconds) > 0:
        median = np.median(milliseconds)
        ax.plot(range(1, len(milliseconds) + 1), milliseconds, ".", markersize=2)
        ax.axhline(median, color="black", label=f"median: {median:.3f} ms")
        ax.set_ylim(0, 3 * median)  # slower steps are cut off
        ax.legend(loc="upper right")


def tile(images, rows, columns, gap):
    """Return images (N, 64) side by side in one array, elsewhere NaN."""
    tiled = np.full((rows, 8 + gap, columns, 8 + gap), np.nan)
    for i, image in enumerate(images):
        tiled[i // columns, gap:, i % columns, gap:] = image.reshape(8, 8)
    return tiled.reshape(rows * (8 + gap), -1)


def draw_weights(ax, W1):
    """Draw each hidden neuron's weights, a column of W1 (64, H), as an 8x8 image."""
    columns = int(np.ceil(np.sqrt(W1.shape[1])))
    rows = int(np.ceil(W1.shape[1] / columns))
    limit = np.abs(W1).max()  # white is 0
    picture = ax.imshow(tile(W1.T, rows, columns, gap=1), "RdBu_r", vmin=-limit, vmax=limit)
    ax.figure.colorbar(picture, ax=ax, label="weight: ink here lowers (-) or raises (+) z")
    ax.set(title="Weights of each hidden neuron", xticks=[], yticks=[], facecolor="0.8")


def draw_confusion(ax, answers, y):
    """Draw how often each label got each answer."""
    counts = one_hot(y).T @ one_hot(answers)  # row: label, column: answer
    shades = np.sqrt(counts)  # the root makes a single mistake visible
    ax.imshow(shades, cmap="Blues", vmax=2 * shades.max())
    for label, answer in np.argwhere(counts):
        ax.text(answer, label, f"{counts[label, answer]:g}", ha="center", va="center")
    ax.set(title="Confusion matrix", xticks=range(10), yticks=range(10))
    ax.set(xlabel="answer of the network", ylabel="label of the test image")


def find_mistakes(A2, y):
    """Return the numbers of the images with wrong answers, the largest output first."""
    wrong = np.flatnonzero(A2.argmax(axis=1) != y)
    return wrong[np.argsort(-A2[wrong].max(axis=1))]


def draw_mistakes(ax, images, A2, y):
    """Draw up to 12 of the images (N, 64) with wrong answers."""
    mistakes = find_mistakes(A2, y)
    ax.set_title(f"{len(mistakes)} of {len(y)} answers are wrong")
    ax.set_axis_off()
    ax.imshow(tile(images[mistakes[:12]], rows=3, columns=4, gap=3), "Greys", vmin=0, vmax=16)
    for place, i in enumerate(mistakes[:12]):
        row, column = divmod(place, 4)
        text = f"{y[i]} read as {A2[i].argmax()}"
        ax.text(11 * column + 6.5, 11 * row + 2, text, ha="center", fontsize=9)


def draw_learned(figure, learned):
    """Draw the training above, and the trained network below."""
    history = learned.history
    _, A2 = forward(learned.params, learned.X_test)
    axes = figure.subplots(2, 3)
    figure.subplots_adjust(0.07, 0.065, 0.985, 0.9, 0.24, 0.28)  # faster than a computed layout
    draw_loss(axes[0, 0], history)
    draw_accuracy(axes[0, 1], history)
    draw_time(axes[0, 2], 1000 * history.epoch_seconds)
    for ax in axes[0]:
        ax.set_xlabel("epoch")
        ax.locator_params("x", integer=True)
    draw_weights(axes[1, 0], learned.params.W1)
    draw_confusion(axes[1, 1], A2.argmax(axis=1), learned.y_test)
    draw_mistakes(axes[1, 2], learned.images_test, A2, learned.y_test)
    title = f"64-{len(learned.params.b1)}-10 network: final test accuracy"
    figure.suptitle(f"{title} {history.test_accuracy[-1]:.2%}", fontsize=16)


def draw_comparison(figure, table):
    """Draw the table from learn_each_size."""
    train_loss, test_loss, train_accuracy, test_accuracy = np.transpose(list(table.values()))
    loss_ax, accuracy_ax = figure.subplots(1, 2)
    figure.subplots_adjust(0.08, 0.13, 0.98, 0.92)
    draw_curves(loss_ax, train_loss, test_loss, marker="o")
    loss_ax.plot(test_loss - train_loss, "k:o", label="gap (where above 0)")
    loss_ax.set_title("Final Loss")
    use_log_scale(loss_ax)
    draw_curves(accuracy_ax, 100 * train_accuracy, 100 * test_accuracy, marker="o")
    accuracy_ax.plot(100 * (train_accuracy - test_accuracy), "k:o", label="gap")
    accuracy_ax.set(title="Final Accuracy", ylabel="right answers, %")
    for ax in figure.axes:
        ax.set_xticks(range(len(table)), list(table), rotation=90 if len(table) > 8 else 0)
        ax.set_xlabel("hidden neurons (* stopped early)")
        ax.legend()


# %%
class Playground:
    """An image to paint on, and all the activations that it causes."""

    def __init__(self, figure, learned):
        """Show the first wrong answer, and wait for mouse and keys."""
        self.canvas = figure.canvas
        self.learned = learned
        self.painting = False
        _, A2 = forward(learned.params, learned.X_test)
        self.mistakes = find_mistakes(A2, learned.y_test)
        self.index = self.mistakes[0] if len(self.mistakes) > 0 else 0
        figure.suptitle("Keys: 0-9 or an arrow: another image. e: empty. u: undo. q: end.")
        image_ax, hidden_ax, output_ax = figure.subplots(1, 3)
        figure.subplots_adjust(0.02, 0.12, 0.98, 0.86)
        image_ax.set(xlim=(-0.6, 7.6), ylim=(7.6, -0.6), xlabel="left button: ink, right: paper")
        hidden_ax.set_xlabel("activations of the hidden neurons")
        hidden_ax.locator_params("x", integer=True)
        output_ax.set(xlabel="outputs for the ten digits", xticks=range(10))
        self.title = image_ax.set_title("", animated=True)
        self.picture = image_ax.imshow(np.zeros((8, 8)), "Greys", vmax=16, animated=True)
        hidden = len(learned.params.b1)
        edges = np.arange(hidden + 1) - 0.5
        self.hidden = hidden_ax.stairs(np.ones(hidden), edges, fill=True, animated=True)
        self.outputs = output_ax.bar(range(10), 1, animated=True)
        self.canvas.mpl_connect("button_press_event", self.on_mouse)
        self.canvas.mpl_connect("motion_notify_event", self.on_mouse)
        self.canvas.mpl_connect("key_press_event", self.on_key)
        self.canvas.mpl_connect("draw_event", self.on_draw)
        self.canvas.draw()
        self.show(learned.images_test[self.index])

    def on_draw(self, event):
        """Keep a copy of what does not change, and draw what does (a file has all of it)."""
        if not event.canvas.is_saving():
            self.background = self.canvas.copy_from_bbox(self.canvas.figure.bbox)
            self.draw_animated()

    def draw_animated(self):
        """Draw what a stroke can change."""
        for artist in [self.title, self.picture, self.hidden] + list(self.outputs):
            artist.draw(self.canvas.get_renderer())

    def show(self, image):
        """Show an image (64,), and how the network reads it."""
        self.image = image
        _, x = standardize(self.learned.images_train, image)
        A1, A2 = forward(self.learned.params, x)
        label = self.learned.y_test[self.index]
        answer = A2.argmax()
        name = "Label" if (image == self.learned.images_test[self.index]).all() else "Old label"
        self.title.set_text(f"{name}: {label}. The network's answer: {answer}.")
        self.picture.set_data(image.reshape(8, 8))
        self.hidden.set_data(A1)
        for bar, output in zip(self.outputs, A2):
            bar.set(height=output, color="C0")
        self.outputs[answer].set_color("C1")
        self.canvas.restore_region(self.background)
        self.draw_animated()
        self.canvas.blit(self.canvas.figure.bbox)

    def on_mouse(self, event):
        """Paint, if the drag began on the image and without a tool."""
        inside = event.inaxes is self.picture.axes
        if event.name == "button_press_event":
            self.painting = inside and not self.canvas.widgetlock.locked()
        if inside and self.painting and event.button in (1, 3):
            y, x = np.indices((8, 8))
            distance = np.hypot(x - event.xdata, y - event.ydata)
            amount = 6 if event.button == 1 else -6
            ink = amount * np.exp(-2 * distance**2).ravel()
            self.show(np.clip(self.image + ink, 0, 16))

    def on_key(self, event):
        """Do what the title says about the keys."""
        labels = self.learned.y_test.astype(str)
        choices = np.flatnonzero(labels == str(event.key))
        if event.key in ("left", "right", "up", "down"):
            choices = np.sort(self.mistakes)
        if event.key == "u":
            choices = [self.index]
        if len(choices) > 0:
            place = np.searchsorted(choices, self.index, "right")
            self.index = choices[place % len(choices)]  # the next one, or again the first
            self.show(self.learned.images_test[self.index])
        if event.key == "e":
            self.show(np.zeros(64))


# %% [markdown]
# ## 11. The program
# The rest reads the command line, prints, and saves the picture. You can skip it.
# %%
def main(argv=None):
    """Run it with a list of flags; return the last Learned, and whether a picture is saved."""
    options = parse_arguments(argv or [])
    print_first_image()
    learned, table = learn_each_size(options)
    if options.compare_hidden:
        print_comparison(table)
    else:
        print_accuracy(learned.history, options.epochs)
    with plt.style.context("default"):  # whatever the reader's own style is
        figure, saved = make_picture(learned, table, options)
        if options.play:
            plt.rc("keymap", back=[], forward=[], xscale=[], yscale=[])  # the arrow keys, l and k
            figure = new_figure((13, 5), show=True)
            figure.playground = Playground(figure, learned)  # or Python would delete it
        show_window(figure)
    return learned, saved


def parse_arguments(argv):
    """Return the options; where one cannot work, say why in one line and end with status 2."""
    formatter = argparse.ArgumentDefaultsHelpFormatter
    parser = argparse.ArgumentParser(formatter_class=formatter, usage=argparse.SUPPRESS)
    size = number(int, 1, 10_000)
    part = number(float, 0.01, 0.99)
    add = parser.add_argument
    # Defaults are given as text, so that argparse checks them, too.
    add("--lr", type=number(float, 1e-300, 1e300), default=str(LR), help="learning rate")
    add("--epochs", type=number(int, 1, 1_000_000), default=str(EPOCHS), help="steps")
    add("--hidden", type=size, default=str(HIDDEN), help="hidden neurons")
    add("--seed", type=number(int, 0, np.inf), default=str(SEED), help="start of random numbers")
    add("--test-fraction", type=part, default=str(TEST_FRACTION), help="part of the images")
    add("--compare-hidden", type=size, nargs="+", help="several sizes, instead of --hidden")
    add("--output", type=picture_file, default="neural_net_digits.png", help="the picture")
    add("--no-show", action="store_true", help="save the picture without showing it")
    add("--play", action="store_true", help="then change images with the mouse, in a window")
    options = parser.parse_args(argv)
    if options.play and (options.no_show or options.compare_hidden or not has_window()):
        parser.error("argument --play: needs a screen, and not --no-show or --compare-hidden")
    return options


def number(kind, low, high):
    """Return a function that turns text into a number from low to high."""

    def convert(text):
        value = kind(text)
        if not low <= value <= high:
            raise ValueError
        return value

    convert.__name__ = f"{kind.__name__} (from {low} to {high})"  # argparse says: invalid int ...
    return convert


def picture_file(text):
    """Return text as a Path, if a picture can be saved there."""
    path = Path(text)
    if path.suffix[1:].lower() not in plt.Figure().canvas.get_supported_filetypes():
        raise argparse.ArgumentTypeError("must end in .png, .pdf, .svg, ...")
    if path.is_dir() or not os.access(path.parent, os.W_OK):
        raise argparse.ArgumentTypeError(f"cannot write {path}: choose a file in another folder")
    return path


def print_first_image():
    """Print the first image, with dots for paper."""
    X, y = load_images()
    print(f"Loaded {len(X)} images of 8x8 pixels. The first one shows a {y[0]}:")
    text = str(X[0].reshape(8, 8).astype(int)).replace(" 0", " .")
    print(text.replace("[", " ").replace("]", ""))


@np.errstate(all="ignore")  # a number that is too large ends the program below
def learn_each_size(options):
    """Return the last Learned, and a dict from each network's name to its losses and accuracies."""
    table = {}
    for hidden in sorted(set(options.compare_hidden or [options.hidden])):
        learned = learn_digits(
            hidden, options.lr, options.epochs, options.seed, options.test_fraction
        )
        history = learned.history
        broken = np.flatnonzero(~np.isfinite(history.train_loss + history.test_loss))
        if len(broken) > 0:
            cause = "lower --lr" if broken[0] > 0 else "look at the images and the first weights"
            sys.exit(f"After epoch {broken[0]} the loss is not a finite number: {cause}.")
        ends = [curve[-1] for curve in history[:4]]  # without the seconds
        if len(history.epoch_seconds) < options.epochs:
            table[f"{hidden}*"] = ends
            break
        table[f"{hidden}"] = ends
    return learned, table


def print_accuracy(history, epochs):
    """Print the final test accuracy, and the usual causes if the network mostly guesses."""
    final = history.test_accuracy[-1]
    mark = "✅ " if final >= 0.2 else ""
    print(f"{mark}Final Test Accuracy: {final:.2%}")
    if final < 0.2 and len(history.epoch_seconds) == epochs:
        print("It mostly guesses. Is --lr too large? Is --lr, --epochs or --hidden too small?")


def print_comparison(table):
    """Print the table, and the gaps."""
    print("hidden  training loss  test loss     gap  training accuracy  test accuracy     gap")
    for name, (train_loss, test_loss, train_accuracy, test_accuracy) in table.items():
        losses = f"{train_loss:15.4f}{test_loss:11.4f}{test_loss - train_loss:8.4f}"
        gap = train_accuracy - test_accuracy
        print(f"{name:>6}{losses}{train_accuracy:19.2%}{test_accuracy:15.2%}{gap:8.2%}")


def make_picture(learned, table, options):
    """Draw and save what was learned; return the figure, and whether it is saved."""
    show = not (options.no_show or options.play)
    figure = new_figure((13, 5) if options.compare_hidden else (13, 8), show)
    unfinished = options.output.with_name(f"{os.getpid()}{options.output.suffix}")
    try:
        if options.compare_hidden:
            draw_comparison(figure, table)
        else:
            draw_learned(figure, learned)
        figure.savefig(unfinished)
        unfinished.replace(options.output)  # until now, an older picture is still there
    except (Exception, KeyboardInterrupt) as error:  # no space, no LaTeX for a .pgf, Ctrl-C, ...
        unfinished.unlink(missing_ok=True)
        print(f"The picture {options.output} is not saved: {error!r}", file=sys.stderr)
        return figure, False
    print(f"Picture saved to {options.output}")
    return figure, True


def new_figure(size, show):
    """Return an empty figure, in a window or notebook if show is true and that is possible."""
    if show:
        try:
            return plt.figure(figsize=size)
        except Exception:  # no working window system: a file is enough
            pass
    return plt.Figure(figsize=size)


def has_window():
    """Return whether a new figure gets a window."""
    figure = new_figure((1, 1), show=True)
    framework = figure.canvas.required_interactive_framework  # None if it cannot be a window
    plt.close(figure)
    return framework is not None


def show_window(figure):
    """Show the figure, if it can be shown, until its window is closed."""
    if figure.canvas.manager is not None:
        plt.show()
        if not plt.isinteractive():
            plt.close(figure)


def run_program(argv):
    """Return what main returns, or end without a traceback."""
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="replace", line_buffering=True)  # for consoles without ✅
    try:
        return main(argv)
    except KeyboardInterrupt:
        sys.exit(130)  # the usual status after Ctrl-C
    except BrokenPipeError:  # nobody reads what is printed (`| head -1`)
        sys.exit(1)
    except OSError as error:  # no space for what is printed
        sys.exit(f"Cannot go on: {error}")


# For uv and pipx:
# /// script
# requires-python = ">=3.9"
# dependencies = ["numpy>=1.21", "matplotlib>=3.8", "scikit-learn>=1.0"]
# ///

# %%
if __name__ == "__main__":
    # A notebook's arguments are not for us.
    is_script = os.path.abspath(sys.argv[0]) == os.path.abspath(globals().get("__file__", ""))
    learned, saved = run_program(sys.argv[1:] if is_script else [])
    if not saved:
        sys.exit(1)
