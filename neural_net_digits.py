# %% [markdown]
# # How does a neural network learn?
# This file shows it, and it runs: `python neural_net_digits.py`. It is a text with pictures,
# examples to type, and all the code of a small network that learns to read handwritten digits. You
# need the basics of Python and NumPy, school algebra, and a few hours.
#
# The numbers on the left are a picture: a dot is paper, and 16 is the darkest ink. Which digit is
# it? On the right, a neural network answers. It has an output for each digit. The output for the
# right digit should be 1, the others should be 0. The digit with the largest output is its answer:
#
#      .  .  1 13  7  .  .  .
#      .  .  7 14  2  .  .  .    steps  output 0   1   2   3   4   5   6   7   8   9  answer
#      .  . 13  5  .  .  .  .        0       .51 .46 .49 .45 .54 .46 .45 .55 .58 .54    8
#      .  . 16  3  .  .  .  .       10       .19 .18 .20 .18 .20 .20 .20 .20 .19 .19    4
#      .  3 16 10 12 12  3  .      100       .17 .11 .12 .10 .18 .11 .23 .11 .09 .11    6
#      .  3 16 11  5  9 12  .      300       .12 .06 .09 .04 .13 .12 .77 .04 .09 .05    6
#      .  1 13 11  4 13 11  .     1000       .05 .01 .06 .01 .06 .05 .95 .01 .07 .00    6
#      .  .  1 12 16 11  2  .
#
# At first it guesses. After 100 steps of learning it is right, but its output for 6 is still small.
# After 1000 steps this output is near 1. It never learned from this image. It learned from 1437
# others, and this is what it did in each step:
#
# 1. **Guess.** Compute the ten outputs for each image, from its pixels and from 1,210 parameters.
#    These are numbers that belong to the network. Most of them are random at first.
# 2. **Compare.** How wrong are all the outputs? Measure it as a single number, the error.
# 3. **Improve.** Find out for each parameter: must it grow or fall, so that the error shrinks?
#    Change each parameter a little in this direction.
#
# That is how a neural network learns. The program below makes 6500 such steps in a few seconds. The
# rest of this file shows how each part is done, and why it works.
# %%
"""A small neural network that learns to read handwritten digits, explained step by step."""

import argparse
import os
import signal
import sys
import time
from collections import namedtuple
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # one processor core is enough for NumPy
import matplotlib.pyplot as plt  # python -m pip install matplotlib
import numpy as np  # python -m pip install numpy
from matplotlib.collections import LineCollection
from sklearn.datasets import load_digits  # python -m pip install scikit-learn

LR = 0.00051  # learning rate: sets the size of each training step (section 7)
EPOCHS = 6500  # the number of steps (section 7)
HIDDEN = 16  # the number of hidden neurons (section 4)
TEST_FRACTION = 0.2  # the part of the images that is kept for the test (section 2)
SEED = 0  # where the random numbers start: another seed gives other numbers


# %% [markdown]
# ## 1. The images
# Lines that begin with `>>>` are examples. To try them, start Python in the folder of this file and
# type `from neural_net_digits import *`. Then type the examples in order, without `>>>` and `...`.
# Lines without these signs are what Python prints. The functions come with the import: you need not
# type them. (Type each example once: each call gives the next random numbers. If a number is
# different, start Python again.)
#
# The library scikit-learn has 1797 images of handwritten digits, with 8 rows of 8 pixels each. A
# pixel is a number from 0 (paper) to 16 (ink). Can you see the digit in the first one?
#
#     >>> X, y = load_images()
#     >>> print(X[0].reshape(8, 8).astype(int))
#     [[ 0  0  5 13  9  1  0  0]
#      [ 0  0 13 15 10 15  5  0]
#      [ 0  3 15  2  0 11  8  0]
#      [ 0  4 12  0  0  8  8  0]
#      [ 0  5  8  0  0  9  8  0]
#      [ 0  4 11  0  1 12  7  0]
#      [ 0  2 14  5 10 12  0  0]
#      [ 0  0  6 13 10  0  0  0]]
#     >>> print(y[0])
#     0
#     >>> print(X.shape, y.shape)
#     (1797, 64) (1797,)
#
# Each row of the array `X` holds the 64 pixels of one image: its 8 rows, one after another. The
# array `y` holds the labels, the digits that the images show.
# %%
def load_images():
    """Return the images X (1797, 64), float32 from 0 to 16, and the labels y (1797,), integers."""
    digits = load_digits()
    X = digits.data.astype(np.float32)  # float32: numbers with about 7 digits
    return X, digits.target


# %% [markdown]
# ## 2. Getting the images ready
# **Split.** A student can memorize the answers of an old exam. How does the teacher find out what
# the student understood? With new questions. A network can memorize images, too. So we shuffle them
# and keep a fifth for the test. The network learns only from the others, the training images.
#
#     >>> rng = np.random.default_rng(SEED)  # it makes random numbers
#     >>> images_train, images_test, y_train, y_test = train_test_split(X, y, TEST_FRACTION, rng)
#     >>> print(images_train.shape, images_test.shape)
#     (1437, 64) (360, 64)
# %%
def train_test_split(X, y, test_fraction, rng):
    """Return X_train, X_test, y_train, y_test: images and labels, shuffled and split."""
    n_test = int(np.ceil(len(X) * test_fraction))  # rounded up
    order = rng.permutation(len(X))  # the numbers from 0 to len(X) - 1 in random order
    test = order[:n_test]
    train = order[n_test:]
    return X[train], X[test], y[train], y[test]  # X[train]: the rows with these numbers


# %% [markdown]
# **Standardize.** For each of the 64 pixels, we compute the mean over all training images, and the
# standard deviation, a typical distance from the mean. From each pixel we subtract its mean, and
# divide by its standard deviation. Here is pixel number 20 in the first eight training images,
# before and after:
#
#     >>> mean, std = pixel_statistics(images_train)
#     >>> X_train = standardize(images_train, mean, std)
#     >>> X_test = standardize(images_test, mean, std)
#     >>> print("mean", mean[20].round(1), "standard deviation", std[20].round(1))
#     mean 7.0 standard deviation 6.2
#     >>> print(images_train[:8, 20], X_train[:8, 20].round(1), sep="\n")
#     [ 0.  0.  0.  0.  0. 11. 13. 16.]
#     [-1.1 -1.1 -1.1 -1.1 -1.1  0.6  1.   1.5]
#
# Less ink than usual becomes negative, and more than usual becomes positive. With other data this
# can matter much: inputs such as an age and an income have very different sizes, and now they are
# comparable. For these images it is only a good habit (section 9).
#
# Why did we split first? The mean and the standard deviation come from the training images alone.
# If we computed them from the test images, too, the training would use the test images a little.
# This is called a leak, and it can make the result look better than it is.
# %%
def pixel_statistics(images_train):
    """Return the mean and the standard deviation of each pixel, both (64,), of N images (N, 64)."""
    mean = images_train.mean(axis=0)  # axis=0: down each column
    std = images_train.std(axis=0)
    std[std == 0] = 1  # a pixel that never changes: we cannot divide by 0
    return mean, std


def standardize(images, mean, std):
    """Return images (N, 64), or one image (64,), standardized; mean and std are (64,)."""
    return (images - mean) / std  # the same mean and std for each row


# %% [markdown]
# **One-hot.** The network has ten outputs, one for each digit. (A single output for all digits
# could not say "1 or 9": it would say 5.) So each label becomes ten targets, the numbers that the
# outputs should have:
#
#     >>> Y_train = one_hot(y_train)
#     >>> print(y_train[5], "becomes", Y_train[5])
#     3 becomes [0. 0. 0. 1. 0. 0. 0. 0. 0. 0.]
# %%
def one_hot(y, n_classes=10):
    """Return the targets Y (N, n_classes), float32, for labels y (N,) from 0 to n_classes - 1."""
    identity = np.eye(n_classes, dtype=np.float32)  # row 3 is 0 0 0 1 0 0 0 0 0 0
    return identity[y]  # a row for each label


# %% [markdown]
# ## 3. A neuron
# A neuron is a small calculation. Here is one with two inputs:
#
#     x1 = 1.0   * w1 =  2.0   -->    2.0  \
#     x2 = 0.5   * w2 = -3.0   -->   -1.5   >  sum: z = 1.0  -->  sigmoid  -->  a = 0.73
#                  b  =  0.5   -->    0.5  /
#
# Each input has its own number, its weight, and the neuron multiplies the input by it. It adds the
# products and one more number, its bias b. The sum is called z. Then a function, the sigmoid, turns
# z into a number between 0 and 1, the activation a:
#
#     >>> z = 1.0 * 2.0 + 0.5 * -3.0 + 0.5
#     >>> print(z, round(sigmoid(z), 2))
#     1.0 0.73
#
# You can read an activation as an answer between no (0) and yes (1). This neuron asks: is there
# much of x1, and little of x2? The weights are its question, and the bias says how easily it
# answers yes. The sigmoid is `1 / (1 + exp(-z))`, where `exp(-z)` is the number 2.718... to the
# power of -z. Its curve looks like an S. Here it is, turned on its side:
#
#       z    0             a             1      slope
#      -6    o                                  0.002
#      -4    .o                                 0.018
#      -2    .   o                              0.105
#       0    .              o                   0.25
#       2    .                          o       0.105
#       4    .                            o     0.018
#       6    .                             o    0.002
#
# The slope on the right says how steep the curve is. At z = 0 it is 0.25: if z grows by 0.01, `a`
# grows by about 0.0025. At both ends the curve is flat, and `a` hardly changes. A neuron is called
# saturated when its z is at one of the flat ends.
# %%
def sigmoid(z):
    """Return 1 / (1 + exp(-z)) for a number or each element of an array, in its shape."""
    with np.errstate(over="ignore"):  # exp(-z) may become infinity: then the result, 0, is right
        return 1 / (1 + np.exp(-z))


# %% [markdown]
# ## 4. The network
# All 64 pixels of an image go to each of 16 neurons, the hidden layer. Their 16 activations go to
# each of ten neurons, the output layer. Here is the first image (it is a training image), with the
# outputs that the trained network gives:
#
#      64 pixels                         16 hidden neurons              10 outputs
#                                              o  o                      0  o  0.98
#      .  .  5 13  9  1  .  .                  o  o                      1  o  0.00
#      .  . 13 15 10 15  5  .                  o  o                      2  o  0.00
#      .  3 15  2  . 11  8  .     W1, b1       o  o       W2, b2         3  o  0.00
#      .  4 12  .  .  8  8  .   ----------->   o  o    ----------->      4  o  0.00
#      .  5  8  .  .  9  8  .   64 * 16 + 16   o  o    16 * 10 + 10      5  o  0.02
#      .  4 11  .  1 12  7  .     numbers      o  o      numbers         6  o  0.00
#      .  2 14  5 10 12  .  .                  o  o                      7  o  0.00
#      .  .  6 13 10  .  .  .                                            8  o  0.00
#      X (N, 64)                          A1 (N, 16)         A2 (N, 10)  9  o  0.01
#
# The weights and the biases of all neurons are the 1,210 parameters. Training changes nothing else.
# (N is the number of images. Comments in the code write H for the number of hidden neurons.)
#
# **Many neurons, many images.** We do not write `x1 * w1 + x2 * w2 + b` for each of them. The
# matrix product `@` does it for all. (A matrix is a table of numbers.) In the first table, a row is
# an image. In the second, a column holds the weights of a neuron:
#
#     >>> inputs = np.array([[1.0, 0.5], [0.0, 1.0]])  # two images, each with two pixels
#     >>> weights = np.array([[2.0, 1.0, 0.0], [-3.0, 1.0, 4.0]])  # three neurons
#     >>> biases = np.array([0.5, 0.0, 0.0])
#     >>> print(inputs @ weights + biases)  # a row for each image, a column for each neuron
#     [[ 1.   1.5  2. ]
#      [-2.5  1.   4. ]]
#
# The first number is the z of the neuron in section 3. Row `[1.0, 0.5]` times column `[2.0, -3.0]`
# is `1.0 * 2.0 + 0.5 * -3.0`, and its bias 0.5 is added. In the network, the hidden layer computes
# `Z1 = X @ W1 + b1` for N images at once, and the sigmoid turns `Z1` into `A1`. The output layer
# does the same with `A1` as its input.
#
#     >>> params = init_params(64, HIDDEN, 10, rng)
#     >>> A1, A2 = forward(params, X_train)
#     >>> print(A1.shape, A2.shape)
#     (1437, 16) (1437, 10)
#     >>> print(A2[0].round(2))
#     [0.53 0.46 0.46 0.45 0.53 0.47 0.46 0.55 0.59 0.55]
#
# This network is not trained, so each output is near 0.5: neither no nor yes.
# %%
Params = namedtuple("Params", "W1 b1 W2 b2")  # a tuple with names: params.W1, ...


def init_params(n_inputs, n_hidden, n_outputs, rng, dtype=np.float32):
    """Return untrained Params: random weights around 0 (standard deviation 0.1), biases 0."""
    W1 = rng.normal(0, 0.1, (n_inputs, n_hidden)).astype(dtype)
    W2 = rng.normal(0, 0.1, (n_hidden, n_outputs)).astype(dtype)
    return Params(W1, np.zeros(n_hidden, dtype), W2, np.zeros(n_outputs, dtype))


# %% [markdown]
# **Why are the first weights random and small?** If all were 0, all hidden neurons would ask the
# same question, and each step would change them in the same way. Sixteen neurons would be no better
# than one. If they were large, z would be far from 0, and most neurons would be saturated. There
# the curve is flat: changing a weight changes almost nothing, so such neurons learn slowly.
# %%
def forward(params, X):
    """Return the activations A1 (N, H) and A2 (N, 10) for images X (N, 64), or for one (64,)."""
    Z1 = X @ params.W1 + params.b1  # (N, 64) @ (64, H) -> (N, H); b1 is added to each row
    A1 = sigmoid(Z1)
    Z2 = A1 @ params.W2 + params.b2  # (N, H) @ (H, 10) -> (N, 10)
    A2 = sigmoid(Z2)
    return A1, A2


# %% [markdown]
# **Why a hidden layer?** Why not connect the pixels directly to the ten outputs? Guess: how many of
# the 360 test images are read wrongly without the hidden layer? How many with it? (These are means
# of five runs with different random numbers.)
#
#     question to the network       without hidden layer    with 16 hidden neurons
#     which digit is it?                  15 wrong                12 wrong
#     is the digit even or odd?           31 wrong                 7 wrong
#
# For the ten digits it hardly matters. For even and odd it matters much: 0, 2, 4, 6 and 8 have no
# shape in common, and a single neuron, which only adds up pixels, cannot recognize them all well.
#
# Here is a smaller question that a single neuron cannot learn: does exactly one of two pixels have
# ink? If only the first pixel has ink, z must be larger than without any ink, so its weight must be
# positive. The same is true of the second pixel. But then ink on both makes z even larger, and the
# neuron says yes again. Three neurons can do it:
#
#     x1 ----> P: at least one has ink?  ---  *  20  ---\
#         \/                                             >----> exactly one has ink?
#         /\                                            /
#     x2 ----> Q: both have ink?  ----------  * -20  --/
#
#     >>> x1 = np.array([0, 0, 1, 1])  # four images: the first pixel has ink in two of them
#     >>> x2 = np.array([0, 1, 0, 1])
#     >>> P = sigmoid(20 * x1 + 20 * x2 - 10)  # z is -10, 10, 10, 30
#     >>> Q = sigmoid(20 * x1 + 20 * x2 - 30)  # z is -30, -10, -10, 10
#     >>> print(P.round(), Q.round(), sigmoid(20 * P - 20 * Q - 10).round())
#     [0. 1. 1. 1.] [0. 0. 0. 1.] [0. 1. 1. 0.]
#
# P and Q are a hidden layer. They answer questions that make the last question easy. Nobody tells
# our 16 hidden neurons what to ask. The training finds questions that help.
#
# **Why a sigmoid between the layers?** Without it, the first layer could compute `3 * x + 2`, and
# the second `4 * (3 * x + 2) + 5`. But this is `12 * x + 13`: one layer could do the same alone.
# Between the layers there must be something that is not a straight line. It must also have a slope,
# because learning needs it (section 6).


# %% [markdown]
# ## 5. How wrong is it?
# An image shows a 3. Its targets are 1 for output 3, and 0 for all others. Suppose that all outputs
# except 3 and 8 already have their targets. Here are these two, before and after some training:
#
#                output 3    output 8    1/2 * (output - target)**2, added up   answer
#     before       0.6         0.5       1/2 * (0.4**2 + 0.5**2) = 0.205          3
#     after        0.9         0.1       1/2 * (0.1**2 + 0.1**2) = 0.010          3
#
# With the outputs A2 and the targets Y, the **error** E is `1/2 * (A2 - Y)**2`, added up over all
# outputs of all images. The square makes each difference count as positive, and large ones count
# more. (The factor 1/2 makes section 6 simpler.) With more images E is larger. So we print the
# **loss**, which is E / N, the mean over the images.
#
# The **accuracy** is the fraction of right answers. In the table the answer is right before and
# after, so the accuracy does not change. The error shows that something was learned.
#
# Guess the loss of the untrained network: each of its ten outputs is near 0.5, so it is about 0.5
# away from its target. And guess its accuracy.
#
#     >>> print(1 / 2 * 10 * 0.5**2)
#     1.25
#     >>> print(round(loss(A2, Y_train), 4), round(accuracy(A2, y_train), 3))
#     1.2554 0.097
# %%
def loss(A2, Y):
    """Return E / N, a float, for outputs A2 and targets Y, both (N, n_outputs) or (n_outputs,)."""
    E_of_each_image = ((A2 - Y) ** 2).sum(axis=-1) / 2  # axis=-1: along each row
    return float(E_of_each_image.mean())


def accuracy(A2, y):
    """Return the fraction of right answers, 0 to 1, for outputs A2 (N, 10) and labels y (N,)."""
    answers = A2.argmax(axis=1)  # (N,): for each row, the place of its largest number
    return (answers == y).mean()  # True counts as 1


# %% [markdown]
# ## 6. Must each weight grow or fall?
# How can we find out? We can try. We make one weight larger by a tiny amount, and divide the change
# of E by the change of the weight:
#
#     >>> precise = init_params(64, HIDDEN, 10, rng, np.float64)  # numbers with about 16 digits
#     >>> def error(params):
#     ...     A1, A2 = forward(params, X_train)
#     ...     return loss(A2, Y_train) * len(X_train)  # E is the loss times N
#     ...
#     >>> before = error(precise)
#     >>> precise.W1[20, 3] += 0.000001
#     >>> after = error(precise)
#     >>> precise.W1[20, 3] -= 0.000001
#     >>> print(round((after - before) / 0.000001, 4))
#     -0.7942
#
# This is the slope of E for the weight `W1[20, 3]`. Its usual name is the **derivative** of E with
# respect to this weight. It is negative: E shrinks when the weight grows. So the weight must grow.
#
# For all 1,210 parameters, this way calls `forward` at least 1,210 times in a single step. For 6500
# steps, these are nearly 8 million calls.
#
# **Backpropagation** finds the same numbers with one walk through the network and back. It uses the
# chain rule: **slopes multiply.** If A2 grows 0.2 times as fast as Z2, and E grows 3 times as fast
# as A2, then E grows 0.6 times as fast as Z2. So we need the slope of each small calculation on the
# way. The hardest is the slope of the sigmoid. Try z = 0 and z = 2:
#
#     >>> a = sigmoid(0)
#     >>> print(round((sigmoid(0 + 0.001) - a) / 0.001, 3), round(a * (1 - a), 3))
#     0.25 0.25
#     >>> a = sigmoid(2)
#     >>> print(round((sigmoid(2 + 0.001) - a) / 0.001, 3), round(a * (1 - a), 3))
#     0.105 0.105
#
# The slope is `a * (1 - a)`. Here is the reason. (You may skip it: the numbers agree.) Let q be
# `exp(-z)`. When z grows by a tiny amount t, q becomes `exp(-z - t)`, which is `q * exp(-t)`. And
# `exp(-t)` is about `1 - t`: type `np.exp(-0.001)`, it is about 0.9990005. So q becomes about
# `q - t * q`. Let g be the growth of `a`. The sign ~ means "about".
#
#     a * (1 + q) = 1                                          because a = 1 / (1 + q)
#     (a + g) * (1 + q - t * q) ~ 1                            the same, after z has grown
#     a * (1 + q) - a * t * q + g * (1 + q) - g * t * q ~ 1    multiplied out
#     g * (1 + q) ~ a * t * q                                  a * (1 + q) = 1; g * t * q: too tiny
#     g ~ a * t * q * a                                        because 1 / (1 + q) = a
#     g / t ~ a * (1 - a), the slope                           q * a = 1 - a, from the first line
# %%
def sigmoid_derivative(a):
    """Return the slope of the sigmoid where its value is a (not z), in the shape and dtype of a."""
    return a * (1 - a)


# %% [markdown]
# **One output in numbers.** An output neuron has one input A1 = 0.5, with the weight W2 = 1.7, no
# bias, and the target 1. Here `dW2` is one name: the derivative of E with respect to W2. In the
# same way, `dA2` belongs to A2, and so on. First go down the left side. Then go up the right side,
# from `dA2`. The rules below explain it:
#
#     forward                          backward
#     A1                    = 0.5      dA1 = dZ2 * W2             = -0.0628 * 1.7    = -0.1068
#     Z2 = A1 * W2          = 0.85     dW2 = dZ2 * A1             = -0.0628 * 0.5    = -0.0314
#     A2 = sigmoid(Z2)      = 0.7006   dZ2 = dA2 * A2 * (1 - A2)  = -0.2994 * 0.2098 = -0.0628
#     E = 1/2 * (A2 - 1)**2 = 0.0448   dA2 = A2 - 1                                  = -0.2994
#
# Three rules make the right side of the table:
#
# 1. **At the end:** `dA2 = A2 - Y`. Let r be `A2 - Y`. If A2 grows by t, r grows by t, too, and
#    `r**2` becomes `r**2 + 2 * t * r + t**2`. We can leave out `t**2`: if t is 0.001, it is
#    0.000001. E is half of the square, so E grows by `t * r`, and the slope is r.
# 2. **Back through a sigmoid:** multiply by its slope. So `dZ2 = dA2 * A2 * (1 - A2)`.
# 3. **Back through a product:** multiply by the other factor. If W2 grows by t, then `A1 * W2`
#    grows by `t * A1`. So `dW2 = dZ2 * A1`. In the same way, `dA1 = dZ2 * W2`. A bias is like a
#    weight whose input is always 1, so `db2 = dZ2 * 1`.
#
# **The whole network** uses the same three rules, with arrays. Here are all steps, with the shapes
# and the rules (`.T` exchanges rows and columns, `ones` is an array of N ones):
#
#     (N, 64)       (N, H)         (N, H)        (N, 10)        (N, 10)
#       X ----------> Z1 -----------> A1 ----------> Z2 -----------> A2 ------------> E
#          @ W1 + b1      sigmoid        @ W2 + b2       sigmoid        1/2 (A2 - Y)**2
#
#                    dZ1 <---------- dA1 <--------- dZ2 <---------- dA2 <------------ E
#                     |    * slope       @ W2.T      |    * slope        A2 - Y
#                     |    (rule 2)      (rule 3)    |    (rule 2)       (rule 1)
#                     v                              v
#                    dW1 = X.T @ dZ1    (rule 3)    dW2 = A1.T @ dZ2   (rule 3)
#                    db1 = ones @ dZ1   (rule 3)    db2 = ones @ dZ2   (rule 3)
#
# Why does rule 3 become a matrix product? **A weight works on all images**, and E is a sum over the
# images. So the derivative for a weight is a sum, too. Suppose that the neuron of the example sees
# a second image, with A1 = 0.2 and dZ2 = 0.1. Then `dW2` is `0.5 * -0.0628 + 0.2 * 0.1`. In the
# arrays, each image has a row. `.T` puts the images side by side, and then `@` multiplies and adds
# up over the images. With more neurons, row i and column j of the result belong to the weight from
# hidden neuron i to output j. Here there is only one weight:
#
#     >>> A1_of_two_images = np.array([[0.5], [0.2]])
#     >>> dZ2_of_two_images = np.array([[-0.0628], [0.1]])
#     >>> print(A1_of_two_images.T @ dZ2_of_two_images)
#     [[-0.0114]]
#
# **A hidden neuron works on all outputs.** Suppose that its weights to two outputs are 1.7 and 0.4,
# and that dZ2 of these outputs is -0.0628 and 0.2. The hidden neuron changes E through both
# outputs, and the two effects add up: `dA1` is `-0.0628 * 1.7 + 0.2 * 0.4`.
#
#     >>> W2_to_two_outputs = np.array([[1.7, 0.4]])
#     >>> dZ2_of_two_outputs = np.array([[-0.0628, 0.2]])
#     >>> print(dZ2_of_two_outputs @ W2_to_two_outputs.T)
#     [[-0.02676]]
#
# All 1,210 derivatives together are called the **gradient**. In code, it is the lower half of the
# map:
# %%
def backward(params, X, Y, A1, A2):
    """Return the gradient of E, as Params, for X (N, 64), Y (N, 10), and A1, A2 from forward."""
    ones = np.ones(len(X), X.dtype)  # (N,): the inputs of the biases
    dA2 = A2 - Y  # (N, 10)
    dZ2 = dA2 * sigmoid_derivative(A2)  # (N, 10)
    dW2 = A1.T @ dZ2  # (H, N) @ (N, 10) -> (H, 10)
    db2 = ones @ dZ2  # (N,) @ (N, 10) -> (10,), usually written dZ2.sum(axis=0)
    dA1 = dZ2 @ params.W2.T  # (N, 10) @ (10, H) -> (N, H)
    dZ1 = dA1 * sigmoid_derivative(A1)  # (N, H)
    dW1 = X.T @ dZ1  # (64, N) @ (N, H) -> (64, H)
    db1 = ones @ dZ1  # (N,) @ (N, H) -> (H,)
    return Params(dW1, db1, dW2, db2)


# %% [markdown]
# Does the gradient have the number that we measured?
#
#     >>> A1, A2 = forward(precise, X_train)
#     >>> gradient = backward(precise, X_train, Y_train, A1, A2)
#     >>> print(round(gradient.W1[20, 3], 4))
#     -0.7942
#     >>> for parameter, derivative in zip(precise, gradient):  # one number of each: W1, b1, W2, b2
#     ...     before = error(precise)
#     ...     parameter.flat[-5] += 0.000001  # flat: all its numbers in one row
#     ...     after = error(precise)
#     ...     parameter.flat[-5] -= 0.000001
#     ...     print(round((after - before) / 0.000001, 3), round(derivative.flat[-5], 3))
#     ...
#     -0.807 -0.807
#     6.773 6.773
#     67.315 67.315
#     140.776 140.776
#
# It does, and `backward` computed the other 1,209 at the same time. This comparison finds a wrong
# formula in `backward`. Repeat it whenever you change `forward` or `backward`.


# %% [markdown]
# ## 7. Learning
# If a derivative is positive, E grows with this parameter, so the parameter should fall. If it is
# negative, the parameter should grow. So we subtract: `W1` becomes `W1 - lr * dW1`, and so on. The
# learning rate, lr, sets how far to go. This is called **gradient descent**: step by step, we go
# down a hill, and the slope says which way is down. Here is E for one weight w:
#
#      E |  o                                                     x
#        |   \                                    . - - - - - - - -
#        |    o                               . '
#        |     \                          . '        o  small steps go down
#        |      ' o .                 . '            x  one step that is too large
#        |          ' o - o - o - '
#        +--------------------------------------------------------- w
#
# Let the output neuron of section 6 go down. Its only weight is 1.7, and lr is 10 here, so that we
# can see the steps:
#
#     >>> W2 = 1.7
#     >>> for n in range(4):
#     ...     A2 = sigmoid(0.5 * W2)
#     ...     dW2 = (A2 - 1) * A2 * (1 - A2) * 0.5
#     ...     print("W2", round(W2, 2), "E", round((A2 - 1) ** 2 / 2, 4), "dW2", round(dW2, 4))
#     ...     W2 = W2 - 10 * dW2
#     ...
#     W2 1.7 E 0.0448 dW2 -0.0314
#     W2 2.01 E 0.0358 dW2 -0.0262
#     W2 2.28 E 0.0294 dW2 -0.0223
#     W2 2.5 E 0.0248 dW2 -0.0193
#
# E falls. The slope comes closer to 0, so the steps become smaller by themselves.
# %%
def step(params, X, Y, lr):
    """Change params in place by one step of gradient descent, for images X and targets Y."""
    A1, A2 = forward(params, X)
    gradient = backward(params, X, Y, A1, A2)
    for parameter, derivative in zip(params, gradient):  # W1 with dW1, and so on
        parameter -= lr * derivative  # -= changes the array in params itself


# %% [markdown]
# Now you have everything for the table at the beginning of this file:
#
#     >>> for n in range(1001):
#     ...     if n in (0, 10, 100, 300, 1000):
#     ...         A1, A2 = forward(params, X_test[0])
#     ...         print(n, A2.round(2), "answer", A2.argmax())
#     ...     step(params, X_train, Y_train, LR)
#     ...
#     0 [0.51 0.46 0.49 0.45 0.54 0.46 0.45 0.55 0.58 0.54] answer 8
#     10 [0.19 0.18 0.2  0.18 0.2  0.2  0.2  0.2  0.19 0.19] answer 4
#     100 [0.17 0.11 0.12 0.1  0.18 0.11 0.23 0.11 0.09 0.11] answer 6
#     300 [0.12 0.06 0.09 0.04 0.13 0.12 0.77 0.04 0.09 0.05] answer 6
#     1000 [0.05 0.01 0.06 0.01 0.06 0.05 0.95 0.01 0.07 0.  ] answer 6
#
# At first all outputs fall, because nine of ten targets are 0. Then the network begins to give
# different outputs for different digits.
#
# **How large can lr be?** A slope is right only for tiny changes. Here are three copies of one
# fresh network, with a loss of 1.33. Each makes one step, with a different lr. Guess what happens
# to the loss:
#
#     >>> for lr in (0.00051, 0.0051, 0.051):
#     ...     fresh = init_params(64, HIDDEN, 10, np.random.default_rng(SEED))
#     ...     step(fresh, X_train, Y_train, lr)
#     ...     A1, A2 = forward(fresh, X_train)
#     ...     print("lr", lr, "loss", round(loss(A2, Y_train), 2), A2[0].round(2))
#     ...
#     lr 0.00051 loss 0.98 [0.44 0.41 0.36 0.38 0.5  0.43 0.4  0.49 0.39 0.41]
#     lr 0.0051 loss 0.48 [0.02 0.02 0.03 0.02 0.02 0.02 0.02 0.02 0.03 0.02]
#     lr 0.051 loss 0.5 [0. 0. 0. 0. 0. 0. 0. 0. 0. 0.]
#
# With lr 0.051 the step went much too far. All outputs are nearly 0, so only the output of the
# right digit is wrong, and the loss is `1/2 * 1**2`. All output neurons are saturated. Their slopes
# are so tiny that the next steps change almost nothing: this network learns nothing more. The step
# with 0.0051 went far, but this network can still learn. Section 9 compares whole trainings.
#
# **Why is lr so small?** E is a sum over 1437 images, so its derivatives are large. We use the sum,
# because then no formula above needs a 1/N. Many programs use the mean, E / N. Its derivatives are
# 1437 times smaller, and the same steps need an lr of `0.00051 * 1437`, which is 0.73.
#
# **Epoch and batch.** A batch is the images of one step. An epoch ends when each training image was
# used once. Here each batch has all images, so an epoch is one step. `train` makes 6500 steps.
# Everything else in it measures, prints, looks at the clock, or waits for Ctrl-C. (It measures
# about 500 times, not in each epoch, because measuring takes time.)
# %%
# Entry i of each loss and accuracy was measured after epochs[i] steps. epoch_seconds has all steps.
History = namedtuple(
    "History", "epochs train_loss test_loss train_accuracy test_accuracy epoch_seconds"
)


def train(params, X_train, Y_train, X_test, Y_test, lr=LR, epochs=EPOCHS):
    """Change params in place, by a step in each epoch; return the History. Ctrl-C ends it early."""
    sets = X_train, Y_train, X_test, Y_test
    measured = {epochs * i // 500 for i in range(500)}  # these epochs: 0, 13, 26, ...
    printed = {epochs * i // 10 for i in range(10)}  # 0, 650, 1300, ...
    rows = []  # what was measured
    seconds = []  # how long each step took
    print(" epoch  training loss  test loss  training accuracy  test accuracy  ms/epoch")
    try:
        for epoch in range(epochs):
            if epoch in measured:
                rows.append([epoch, *measure(params, *sets)])  # in section 11, with print_row
            if epoch in printed:
                print_row(rows[-1], seconds)
            start = time.perf_counter()
            step(params, X_train, Y_train, lr)  # all the learning is in this line
            seconds.append(time.perf_counter() - start)
    except KeyboardInterrupt:
        print(f"Stopped by Ctrl-C after {len(seconds)} of {epochs} epochs. The network is kept.")
    rows.append([len(seconds), *measure(params, *sets)])
    print_row(rows[-1], seconds)
    columns = np.transpose(rows)  # epochs, train_loss, ...: a column for each name in History
    return History(*columns, np.array(seconds))  # *columns: each column as an argument of its own


# %% [markdown]
# ## 8. All of it, in order
# Here is the whole training. The test images never reach `step`: they are only used to measure.
# (The last column is the time of a step on your computer.)
#
#     >>> learned = learn_digits()
#     1437 training images, 360 test images
#     64-16-10 network with 1,210 parameters
#      epoch  training loss  test loss  training accuracy  test accuracy  ms/epoch
#          0         1.2554     1.2549              9.74%         11.11%         -
#        650         0.0954     0.1006             95.13%         93.61%     ...
#     ...
#       6500         0.0105     0.0300             99.51%         96.67%     ...
#
# Now a digit of your own. Draw it with 8 rows of 8 signs, - for paper and # for ink:
#
#     >>> drawing = """
#     ... --#####-
#     ... --#--##-
#     ... -----#--
#     ... ----##--
#     ... --#####-
#     ... ---##---
#     ... ---#----
#     ... ---#----"""
#     >>> image = np.array([16 if sign == "#" else 0 for sign in drawing if sign != "\n"])
#     >>> A1, A2 = read_images(learned, image)
#     >>> print("I read a", A2.argmax(), "with the output", round(A2.max(), 2))
#     I read a 7 with the output 0.99
#
# Draw other digits, thin and thick, wide and narrow. Many will be read wrongly: section 9 tells
# why.
# %%
Learned = namedtuple("Learned", "params history mean std images_train images_test y_train y_test")
Learned.__repr__ = object.__repr__  # if shown, only a short text instead of all numbers


def learn_digits(hidden=HIDDEN, lr=LR, epochs=EPOCHS, seed=SEED, test_fraction=TEST_FRACTION):
    """Do all of the above and return it as Learned; its images are pixels from 0 to 16."""
    rng = np.random.default_rng(seed)  # the same seed gives the same random numbers
    X, y = load_images()
    images_train, images_test, y_train, y_test = train_test_split(X, y, test_fraction, rng)
    mean, std = pixel_statistics(images_train)
    X_train = standardize(images_train, mean, std)
    X_test = standardize(images_test, mean, std)
    Y_train = one_hot(y_train)
    Y_test = one_hot(y_test)
    params = init_params(X_train.shape[1], hidden, Y_train.shape[1], rng)
    n_params = sum(parameter.size for parameter in params)
    print(f"{len(X_train)} training images, {len(X_test)} test images")
    print(f"{X_train.shape[1]}-{hidden}-{Y_train.shape[1]} network with {n_params:,} parameters")
    history = train(params, X_train, Y_train, X_test, Y_test, lr, epochs)
    return Learned(params, history, mean, std, images_train, images_test, y_train, y_test)


def read_images(learned, images):
    """Return A1 and A2 of the trained network for images (N, 64), or for one (64,), 0 to 16."""
    return forward(learned.params, standardize(images, learned.mean, learned.std))


# %% [markdown]
# **What was left out.** Look up these names later: softmax and cross-entropy (for outputs that add
# up to 1), ReLU (instead of the hidden sigmoid), mini-batches and Adam (faster learning),
# regularization (against overfitting). Section 10 helps you to try some of them.
#
# **Here the story ends.** Run `python neural_net_digits.py` now. Section 9 explains its picture,
# and section 10 helps you to change the program. Then play: `python neural_net_digits.py --play`
# opens a window with the whole network at work. Change an 8 with the mouse until the network reads
# another digit: which hidden neurons did it? Then draw a 1 in the middle, and one at the left edge.


# %% [markdown]
# ## 9. What was learned
# The picture has six panels.
#
# - **Loss.** Both losses fall, but the training loss falls faster: the network begins to learn
#   details that only the training images have. This is called **overfitting**. The gap is the test
#   loss minus the training loss. A gap does no harm as long as the test loss falls, too.
# - **Accuracy.** It rises fast, bends near 85 %, and rises more slowly. At the end the test
#   accuracy hardly changes, although the test loss still falls: the outputs come closer to their
#   targets. Which digits are still missing at the bend? For each digit, count the test images and
#   the right answers after 300 steps:
#
#         >>> early = learn_digits(epochs=300)
#         1437 training images, 360 test images
#         ...
#         >>> A1, A2 = read_images(early, early.images_test)
#         >>> right = A2.argmax(axis=1) == early.y_test
#         >>> print(np.bincount(early.y_test))  # how many there are of each digit, 0 to 9
#         [29 38 33 40 33 39 32 42 41 33]
#         >>> print(np.bincount(early.y_test[right], minlength=10))
#         [29 35 31 37 30 37 32 39  0 30]
#
#   No 8 is read correctly yet. Each digit is learned at its own time, and the 8 comes last. This is
#   also true with other random numbers, in 19 of 20 runs.
# - **Time.** Each point is a step. The computer does other work, too, so some steps take longer.
# - **Weights.** Each small image shows a hidden neuron: how much one unit of ink changes its z. The
#   input is `(ink - mean) / std`, so the change is `W1 / std`. On red, ink raises z. On blue, ink
#   lowers it. The strongest colours are in the left and the right column. Why? Compare `std` of a
#   pixel in the left column with that of a pixel in the middle:
#
#         >>> print(learned.std[56].round(2), learned.std[20].round(2))
#         0.03 6.19
#
#   In these two columns there is paper in nearly all images, and the training can learn little
#   about ink. Where it is rarest, `W1` is still similar to its random start. But it is divided by a
#   tiny `std`, so ink there has a strong effect, and mostly a random one.
# - **Confusion matrix.** Which labels got which answers? Right answers are on the diagonal.
# - **Wrong answers.** Those with the largest output come first. Would you read them all correctly?
#
# **Does a smaller network overfit less?** Guess first. All tables below are means of five runs with
# different random numbers, and `python tests/lessons.py` prints them:
#
#     hidden neurons            training loss  test loss     gap  training accuracy  test accuracy
#      2                               0.3001     0.3159  0.0158            50.29 %        47.00 %
#      4                               0.0817     0.1143  0.0325            92.16 %        86.33 %
#     16                               0.0090     0.0312  0.0221            99.67 %        96.78 %
#     64                               0.0055     0.0276  0.0221            99.71 %        97.39 %
#
# A smaller network does not overfit less here. With fewer neurons a network has less capacity: it
# can learn less. With 4 neurons the gap is larger than with 16, and both losses are higher. With 2,
# the gap is smaller because so little is learned: half of the answers are wrong even for the
# training images. This is underfitting.
#
# **Do more images help?** (With fewer images E is a smaller sum, so lr was made larger: for a tenth
# of the images, ten times.)
#
#     training images           training loss  test loss     gap  training accuracy  test accuracy
#      100                             0.0014     0.1077  0.1063           100.00 %        86.44 %
#      300                             0.0032     0.0556  0.0524            99.87 %        93.61 %
#     1437                             0.0090     0.0312  0.0221            99.67 %        96.78 %
#
# More images help. It is easy to memorize 100 images, and harder to memorize 1437.
#
# **Which lr is best, and was it good to standardize?**
#
#     changed                   training loss  test loss     gap  training accuracy  test accuracy
#     nothing                          0.0090     0.0312  0.0221            99.67 %        96.78 %
#     --lr 0.000051                    0.0930     0.1022  0.0093            95.50 %        93.94 %
#     --lr 0.0051                      0.0010     0.0289  0.0279            99.90 %        96.83 %
#     --lr 0.051                       0.5000     0.5000  0.0000            11.29 %        11.33 %
#     --lr 0.0051 --hidden 64          0.3396     0.3534  0.0138            33.58 %        31.78 %
#     pixels / 16                      0.0248     0.0371  0.0122            98.50 %        96.89 %
#     pixels / 16, --lr 0.0051         0.0028     0.0254  0.0226            99.68 %        97.00 %
#
# With the same number of steps, a larger lr gets further, until it is too large. With 64 neurons,
# the first step with 0.0051 saturates the outputs. This does not last for ever: their slopes are
# tiny, not 0, and the network begins to learn one digit after the other. With 0.051, nothing moves
# any more (section 7). In the last two rows, `standardize(images, 0, 16)` only divides the pixels
# by 16. The test accuracy is as good, and with 0.0051 the test loss is even lower.
#
# If you choose the best setting from these tables, you choose it with the test images. That is
# another leak: the best of many results is partly luck. An honest way is a third set of images for
# choosing, the **validation set**. Then use the test images only once, at the end.
#
# **What does the test not show?** The same 13 people wrote the training and the test images. Now we
# do not shuffle, but take the last 360 images of the collection as the test. Perhaps their writers
# wrote few of the others. The accuracy is only 90.78 % (a mean of five runs). And what if the test
# images only move one column to the right? Guess the accuracy:
#
#     >>> moved = np.roll(learned.images_test.reshape(-1, 8, 8), 1, axis=2)  # -1: as many as needed
#     >>> moved[:, :, 0] = 0  # roll brings the last column back at the left: make it paper
#     >>> A1, A2 = read_images(learned, moved.reshape(-1, 64))
#     >>> print(round(accuracy(A2, learned.y_test), 2))
#     0.33
#
# For us, a moved 3 is a 3. The network knows only how digits look in this collection. Even one
# pixel can be too much: for each right answer, there is a pixel that makes the answer wrong when it
# is set to 0 or 16. `--play` shows these pixels.
#
# Here standardizing has a disadvantage. It divides the pixels of the outer columns by a tiny `std`,
# and strange ink there changes z a lot. If all pixels are only divided by 16, this happens less.
# These are means of five runs again:
#
#                     test accuracy, images    right answers that
#                     moved to the right       one pixel can make wrong
#     standardized          37.39 %                 100.0 %
#     pixels / 16           49.17 %                  25.3 %


# %% [markdown]
# ## 10. When you change it
# **Edit and start again.** After each change of the file, start Python again: a session keeps the
# old code. In a session, `LR = 0.0051` does not change what `learn_digits()` does. Its default
# value was fixed when Python read the file. Type `learn_digits(lr=0.0051)`.
#
# **Copy before you compare.** `step` and `train` change the arrays in `params` themselves, and the
# old values are lost:
#
#     >>> copy = Params(*[parameter.copy() for parameter in learned.params])
#
# **If it does not learn**, compare the gradient with the measured slope, as in section 6, and with
# `float64`, as there: `float32` has too few digits. At least the first three digits of both numbers
# must agree. If they agree, try a smaller and a larger lr.
#
# **Save what was learned**, and the statistics of the pixels with it. (`**` and `_asdict` give
# `W1=...`, `b1=...` and so on to the function.)
#
#     >>> np.savez("network.npz", mean=learned.mean, std=learned.std, **learned.params._asdict())
#     >>> saved = np.load("network.npz")
#     >>> params = Params(saved["W1"], saved["b1"], saved["W2"], saved["b2"])
#     >>> image = learned.images_test[0]
#     >>> A1, A2 = forward(params, standardize(image, saved["mean"], saved["std"]))
#     >>> print(A2.argmax())
#     6
#
# **Read a photo of your own digit.** Write one digit with a thick pen, and photograph it alone. The
# network knows only images that look like those of section 1. There, a digit fills all 8 rows, and
# about 6 of the 8 columns. So the photo must become such an image. (If Python cannot read the file,
# or the digit lies on its side, open it in a picture program, turn it, and save it as PNG.)
#
#     >>> def image_from(path):
#     ...     photo = plt.imread(path)
#     ...     grey = np.atleast_3d(photo)[:, :, :3].mean(axis=2)  # the mean of red, green and blue
#     ...     ink = abs(grey - np.median(grey))  # how far from the paper, white or black
#     ...     ink[ink < ink.max() / 2] = 0  # shadows become paper
#     ...     rows, columns = np.nonzero(ink)  # where the digit is; the next line cuts it out
#     ...     ink = ink[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
#     ...     bands = np.array_split(ink, 8)  # each becomes a row of pixels
#     ...     parts = [np.array_split(band, 6, axis=1) for band in bands]
#     ...     digit = np.array([[part.mean() for part in row] for row in parts])  # (8, 6)
#     ...     image = np.pad(digit, [(0, 0), (1, 1)])  # an empty column left and right: (8, 8)
#     ...     return 16 * image.ravel() / image.max()
#     ...
#     >>> large = np.kron(image.reshape(8, 8), np.ones((30, 30)))  # 30x30 pixels for each pixel
#     >>> plt.imsave("photo.png", large, cmap="gray_r")  # your photo takes the place of this one
#     >>> own = image_from("photo.png")
#     >>> A1, A2 = read_images(learned, own)
#     >>> print(A2.argmax())
#     6
#
# Print `own.reshape(8, 8).astype(int)`. Can you read it yourself? (A thin 1 becomes too wide,
# because it is stretched to 6 columns.)
#
# **Experiments**, each with a detail that people often forget:
#
#     another hidden layer    forward: Z3 and A3 (it returns A1, A2, A3). backward: rules 2 and 3
#                             once more. The loss first stays near 0.45 (all outputs are 0.1):
#                             wait, or raise lr.
#     ReLU                    A1 = np.maximum(Z1, 0). Its slope is 1 where A1 > 0, and 0 elsewhere.
#     softmax with            A2 = np.exp(Z2) / np.exp(Z2).sum(axis=-1, keepdims=True)
#     cross-entropy           loss: -(Y * np.log(A2)).sum(axis=-1).mean(), and in backward
#                             dZ2 = A2 - Y, without rule 2. If exp overflows, subtract the largest
#                             number of each row from Z2 first: A2 stays the same.
#     mini-batches            step(params, X[i : i + 32], Y[i : i + 32], lr) for i = 0, 32, 64, ...
#                             Shuffle images and labels together before each epoch.
#                             The sum over 32 images is smaller: lr must be 1437 / 32 times larger.
#                             An epoch has 45 steps now: 145 epochs make about 6500 steps.
#     one image               X[i : i + 1], not X[i]: backward needs a table with one row.


# %% [markdown]
# ## 11. The program
# The rest prints, draws, lets you paint, and reads the command line. You need not read it.
# %%
def measure(params, X_train, Y_train, X_test, Y_test):
    """Return the training loss, the test loss, the training accuracy and the test accuracy."""
    _, A2_train = forward(params, X_train)
    _, A2_test = forward(params, X_test)
    train_accuracy = accuracy(A2_train, Y_train.argmax(axis=1))  # the labels again
    test_accuracy = accuracy(A2_test, Y_test.argmax(axis=1))
    return loss(A2_train, Y_train), loss(A2_test, Y_test), train_accuracy, test_accuracy


def print_row(row, seconds):
    """Print what was measured, and the median (the middle one) of the seconds, in ms."""
    epoch, train_loss, test_loss, train_accuracy, test_accuracy = row
    median = f"{1000 * np.median(seconds):.3f}" if seconds else "-"
    losses = f"{train_loss:15.4f}{test_loss:11.4f}"
    print(f"{epoch:6d}{losses}{train_accuracy:19.2%}{test_accuracy:15.2%}{median:>10}")


# %%
SIZE = 12, 6.4  # of a picture, in inches
BLUE, BROWN = "#0868ac", "#c14a09"  # training and test: colour-blind readers see the difference


def draw_curves(ax, x, train, test, form, **style):
    """Draw a training and a test curve, and beside each end its name and its last value."""
    ax.plot(x, train, color=BLUE, **style)
    ax.plot(x, test, "--", color=BROWN, **style)
    ax.grid(alpha=0.3)
    train_va, test_va = ("top", "bottom") if train[-1] <= test[-1] else ("bottom", "top")
    write(ax, 1.02, train[-1], f"training\n{train[-1]:{form}}", color=BLUE, va=train_va)
    write(ax, 1.02, test[-1], f"test\n{test[-1]:{form}}", color=BROWN, va=test_va)


def write(ax, x, y, text, **style):
    """Write text at x, from 0 (left) to 1 (right edge of the panel), and at y of its axis."""
    ax.text(x, y, text, transform=ax.get_yaxis_transform(), **style)


def draw_loss(ax, history):
    """Draw both losses, and the gap between them."""
    train, test = history.train_loss, history.test_loss
    draw_curves(ax, history.epochs, train, test, ".4f")
    ax.fill_between(history.epochs, train, test, color=BROWN, alpha=0.2, linewidth=0)
    top = 4 * max(train[-1], test[-1])  # shows the end; the start is far above
    write(ax, 0.97, 0.95 * top, f"starts at {train[0]:.4f}", ha="right", va="top", color="0.35")
    ax.set(title=f"Loss (gap: {test[-1] - train[-1]:.3f})", ylabel="loss", ylim=(-top / 10, top))


def draw_accuracy(ax, history):
    """Draw both accuracies in percent, and a line for guessing."""
    train, test = 100 * history.train_accuracy, 100 * history.test_accuracy
    draw_curves(ax, history.epochs, train, test, ".2f")
    ax.axhline(10, color="0.35", linestyle=":")
    write(ax, 0.97, 8, "guessing: about 10", ha="right", va="top", color="0.35")
    ax.set(title=f"Accuracy (gap: {train[-1] - test[-1]:.1f})", ylabel="right answers, %")
    ax.set_ylim(0, 102)


def draw_time(ax, milliseconds):
    """Draw how long each step took, and the median."""
    n_steps = len(milliseconds)
    ax.set_title(f"Time ({n_steps} steps together: {milliseconds.sum() / 1000:.3f} s)")
    if n_steps > 0:
        median = np.median(milliseconds)
        steps = np.flatnonzero(milliseconds < 2.5 * median)  # the slower ones are only counted
        ax.plot(steps + 1, milliseconds[steps], ".", color="0.6", markersize=3)
        ax.axhline(median, color="black")
        ax.set(ylabel="milliseconds of a step", ylim=(0, 3 * median))
        write(ax, 1.02, median, f"median\n{median:.3f} ms", va="top")
        if len(steps) < n_steps:
            slower = f"{n_steps - len(steps)} slower steps are not drawn"
            write(ax, 0.97, 2.85 * median, slower, ha="right", va="top", color="0.35")


def ink_weights(learned):
    """Return how much a unit of ink on each pixel adds to z of each hidden neuron, (H, 64)."""
    changes = learned.images_train.std(axis=0) > 0  # nothing is learned on the other pixels
    return np.where(changes, learned.params.W1.T / learned.std, 0)


def draw_images(ax, images, captions, columns, width, **style):
    """Draw images (N, 64) in rows, each below its caption; width is the room of one, in pixels."""
    for i, (image, caption) in enumerate(zip(images, captions)):
        row, column = divmod(i, columns)
        x, y = width * column, 11 * row  # the middle of the upper edge
        ax.imshow(image.reshape(8, 8), extent=(x - 4, x + 4, y + 8, y), **style)
        ax.text(x, y - 0.4, caption, ha="center", fontsize=min(9, 45 / columns))
    n_rows = np.ceil(len(images) / columns)
    ax.set(xlim=(-width / 2, width * (columns - 0.5)), ylim=(11 * n_rows - 2, -3))
    ax.set(xticks=[], yticks=[], facecolor="0.9")


def draw_weights(ax, learned):
    """Draw each hidden neuron as an image, with the digits that it raises and lowers most."""
    ink = ink_weights(learned)
    limit = np.percentile(np.abs(ink), 90)  # the strongest tenth is darkest
    captions = [f"+{row.argmax()} -{row.argmin()}" for row in learned.params.W2]
    columns = int(np.ceil(np.sqrt(len(ink))))
    draw_images(ax, ink, captions, columns, 11, cmap="RdBu_r", vmin=-limit, vmax=limit)
    meaning = "ink on red raises its z, ink on blue lowers it\n"
    meaning += f"darkest: {limit:.2f} or more for each unit of ink\n"
    meaning += "+1: raises output 1 most, -4: lowers output 4 most"
    ax.set_title("Weights of each hidden neuron")
    ax.set_xlabel(meaning, fontsize=9)


def draw_confusion(ax, answers, y):
    """Draw how often each label got each answer."""
    counts = one_hot(y).T @ one_hot(answers)  # row: label, column: answer
    shades = (counts / counts.max()) ** 0.15  # the root makes a single mistake visible
    shades *= np.where(np.eye(10), -0.2, 0.7)  # right answers are below 0, in a pale colour
    ax.imshow(shades, "PuOr_r", vmin=-1, vmax=1)
    for label, answer in np.argwhere(counts):
        ax.text(answer, label, f"{counts[label, answer]:g}", ha="center", va="center", fontsize=9)
    ax.set(title="Confusion matrix", xticks=range(10), yticks=range(10))
    ax.set(xlabel="answer of the network", ylabel="label of the test image")


def find_mistakes(A2, y):
    """Return the numbers of the images with wrong answers, the largest output first."""
    wrong = np.flatnonzero(A2.argmax(axis=1) != y)
    return wrong[np.argsort(-A2[wrong].max(axis=1))]


def draw_mistakes(ax, images, A2, y):
    """Draw up to 12 of the images (N, 64) with wrong answers."""
    mistakes = find_mistakes(A2, y)
    captions = [f"{y[i]} read as {A2[i].argmax()}" for i in mistakes[:12]]
    draw_images(ax, images[mistakes[:12]], captions, 3, 15, cmap="Greys", vmin=0, vmax=16)
    ax.set_title(f"{len(mistakes)} of {len(y)} answers are wrong")
    ax.set_axis_off()


def draw_learned(figure, learned):
    """Draw the training above, and the trained network below."""
    history = learned.history
    _, A2 = read_images(learned, learned.images_test)
    figure.set_layout_engine("constrained")
    above, below = figure.subplots(2, 3, height_ratios=(1, 1.2))
    draw_loss(above[0], history)
    draw_accuracy(above[1], history)
    draw_time(above[2], 1000 * history.epoch_seconds)
    for ax in above:
        ax.set(xlabel="epoch", xlim=(0, max(1, len(history.epoch_seconds))))
        ax.locator_params("x", integer=True)
    draw_weights(below[0], learned)
    draw_confusion(below[1], A2.argmax(axis=1), learned.y_test)
    draw_mistakes(below[2], learned.images_test, A2, learned.y_test)
    name = f"64-{len(learned.params.b1)}-10 network"
    figure.suptitle(f"{name}: final test accuracy {history.test_accuracy[-1]:.2%}", fontsize=16)


def ends(history):
    """Return both final losses, both final accuracies, and the median of the steps in ms."""
    seconds = history.epoch_seconds if len(history.epoch_seconds) > 0 else np.nan
    return *(curve[-1] for curve in history[1:5]), 1000 * np.median(seconds)


def draw_comparison(figure, histories):
    """Draw how the training of each size ended."""
    columns = np.transpose([ends(history) for history in histories.values()])
    train_loss, test_loss, train_accuracy, test_accuracy, median = columns
    x = range(len(histories))
    figure.set_layout_engine("constrained")
    loss_ax, accuracy_ax, gap_ax, time_ax = figure.subplots(2, 2).flat
    draw_curves(loss_ax, x, train_loss, test_loss, ".4f", marker="o")
    loss_ax.set(title="Final loss", ylabel="loss", ylim=(0, None))
    draw_curves(accuracy_ax, x, 100 * train_accuracy, 100 * test_accuracy, ".2f", marker="o")
    accuracy_ax.set(title="Final accuracy", ylabel="right answers, %", ylim=(0, 102))
    gap_ax.bar(x, test_loss - train_loss, 0.5, color=BROWN, alpha=0.5)
    gap_ax.set(title="Gap: test loss minus training loss", ylabel="loss")
    time_ax.bar(x, median, 0.5, color="0.5")
    time_ax.set(title="Time of a step (median)", ylabel="milliseconds")
    for ax in figure.axes:
        ax.set(xlabel="hidden neurons (* stopped early)", xlim=(-0.5, len(x) - 0.5))
        ax.set_xticks(x, list(histories))


# %%
class Playground:
    """An image to paint on, and the network at work on it."""

    def __init__(self, figure, learned):
        """Draw into an empty figure, begin with a wrong answer, and wait for mouse and keys."""
        figure.playground = self  # or Python would delete it
        self.canvas = figure.canvas
        self.learned = learned
        self.background = None
        self.pen = None  # while the hand paints: the place (x, y) of the last dot
        _, A2 = read_images(learned, learned.images_test)
        self.mistakes = find_mistakes(A2, learned.y_test)
        self.index = self.mistakes[0] if len(self.mistakes) > 0 else 0
        self.draw_image_part(figure.add_axes([0.02, 0.27, 0.35, 0.66]))
        self.draw_hidden_part(figure.add_axes([0.37, 0.12, 0.43, 0.81]))
        self.draw_output_part(figure.add_axes([0.83, 0.12, 0.15, 0.81]))
        self.changing = [self.pixels, self.words, self.bars, self.lines, self.outputs]
        self.changing += self.tiles + self.flips
        # GTK 4, Cairo and web browsers can only draw the whole window again, which is slower.
        self.is_fast = self.canvas.supports_blit and hasattr(self.canvas, "buffer_rgba")
        for artist in self.changing:
            artist.set_animated(self.is_fast)
        self.canvas.mpl_connect("button_press_event", self.on_press)
        self.canvas.mpl_connect("motion_notify_event", self.on_move)
        self.canvas.mpl_connect("button_release_event", self.on_release)
        self.canvas.mpl_connect("key_press_event", self.on_key)
        self.canvas.mpl_connect("draw_event", self.on_draw)
        self.show(learned.images_test[self.index])

    def draw_image_part(self, ax):
        """Draw the image to paint on, a text on each pixel, and the words below."""
        ax.set(xlim=(0, 8), ylim=(8, 0), aspect="equal", anchor="N", title="pixels: 64")
        ax.set_axis_off()
        grid = {"edgecolors": "0.8", "linewidth": 0.5, "clip_on": False}
        self.pixels = ax.pcolormesh(np.zeros((8, 8)), cmap="Greys", vmin=0, vmax=16, **grid)
        disc = {"boxstyle": "circle,pad=0.1", "color": "white", "alpha": 0.8}
        style = {"color": "purple", "fontsize": 12, "ha": "center", "va": "center", "bbox": disc}
        self.flips = [ax.text(i % 8 + 0.5, i // 8 + 0.5, "", **style) for i in range(64)]
        self.words = ax.text(4, 8.15, "", fontsize=12, ha="center", va="top")
        keys = "left button: ink    right button: takes ink away\n"
        keys += "0-9: next image of it    arrow: next mistake\n"
        keys += "e or Del: empty    u or Esc: reload    q: end\n"
        keys += "small digit: the answer if only this pixel changed:\n"
        keys += "light pixels to ink (16), dark ones to paper (0)"
        ax.text(4, 8.8, keys, fontsize=9, color="0.35", linespacing=1.3, ha="center", va="top")

    def draw_hidden_part(self, ax):
        """Draw up to 16 hidden neurons, and the lines into them and from them to the outputs."""
        ink = ink_weights(self.learned)
        limit = np.percentile(np.abs(ink), 90)  # the strongest tenth is darkest
        self.weights = np.clip(ink / limit, -1, 1).reshape(-1, 8, 8)
        n = min(16, len(ink))
        self.drawn = np.arange(n)  # the numbers of the neurons that are drawn
        self.y = (np.arange(n) + 0.5) * 16 / n
        number = f"the strongest {n} of {len(ink)}" if n < len(ink) else n
        ax.set_title(f"hidden neurons: {number}", x=0.3)
        ax.set(xlim=(0, 9.5), ylim=(16, 0))
        ax.set_axis_off()
        fan = [[(0, 8), (2, y)] for y in self.y]
        web = [[(3.9, y), (9.5, 1.6 * output + 0.8)] for y in self.y for output in range(10)]
        ax.add_collection(LineCollection(fan, color="0.85"))
        ax.add_collection(LineCollection(web, color="0.9", linewidth=0.5))
        ax.barh(self.y, 0.6, 0.9, left=2.1, color="none", edgecolor="0.8")
        ax.hlines(self.y, 2.8, 3.8, color="0.92", linewidth=9)
        self.bars = ax.hlines(self.y, 2.8, 3.8, color="0.4", linewidth=9)
        self.lines = ax.add_collection(LineCollection([]))
        x = np.linspace(2.1, 2.7, 9)  # the edges of the pixels
        height = np.linspace(-0.45, 0.45, 9)
        style = {"cmap": "RdBu_r", "vmin": -1, "vmax": 1}
        self.tiles = [ax.pcolormesh(x, y + height, np.zeros((8, 8)), **style) for y in self.y]
        meaning = "small image: the weights, paler at low activation (grey bar)\n"
        meaning += "ink on red raises the activation, ink on blue lowers it\n"
        meaning += "line: red raises this output, blue lowers it (activation x weight)"
        ax.text(4.75, 16.2, meaning, fontsize=9, color="0.35", ha="center", va="top")

    def draw_output_part(self, ax):
        """Draw the ten outputs as bars."""
        self.outputs = ax.hlines(range(10), 0, 1, linewidth=20)
        ax.set(xlim=(0, 1), ylim=(9.5, -0.5), xticks=[0, 1], yticks=range(10), title="outputs: 10")
        ax.tick_params("y", length=0, labelsize=14)
        ax.spines[["top", "bottom"]].set_visible(False)

    def show(self, image):
        """Show an image (64,), and how the network reads it."""
        self.image = image
        A1, A2 = read_images(self.learned, image)
        answer = A2.argmax()
        is_as_it_was = np.array_equal(image, self.learned.images_test[self.index])
        name = f"Label: {self.learned.y_test[self.index]}." if is_as_it_was else "Your image."
        self.words.set_text(f"{name} Answer: {answer} (its output: {A2[answer]:.2f}).")
        self.pixels.set_array(image.reshape(8, 8))
        self.show_hidden(A1, answer)
        self.outputs.set_segments([[(0, y), (output, y)] for y, output in enumerate(A2)])
        self.outputs.set_color(np.where(np.arange(10) == answer, "C1", "C0"))
        self.show_flips(answer)
        if self.background is None:
            self.canvas.draw_idle()
        else:
            self.canvas.restore_region(self.background)
            self.draw_changing()
            self.canvas.blit(self.canvas.figure.bbox)

    def show_hidden(self, A1, answer):
        """Show the neurons with the strongest lines; who was there and still is keeps its place."""
        W2 = self.learned.params.W2
        products = A1 * W2[:, answer]
        strongest = np.argsort(-np.abs(products))[: len(self.drawn)]
        leaving = ~np.isin(self.drawn, strongest)
        self.drawn[leaving] = np.setdiff1d(strongest, self.drawn)
        for tile, neuron in zip(self.tiles, self.drawn):
            tile.set_array(A1[neuron] * self.weights[neuron])
        right = 2.8 + A1[self.drawn]
        self.bars.set_segments([[(2.8, y), (x, y)] for x, y in zip(right, self.y)])
        self.lines.set_segments([[(3.9, y), (9.5, 1.6 * answer + 0.8)] for y in self.y])
        self.lines.set_linewidth(6 * np.abs(products[self.drawn]) / np.abs(W2).max())
        self.lines.set_color(np.where(products[self.drawn] > 0, "firebrick", "steelblue"))

    def show_flips(self, answer):
        """Write on each pixel the answer if only this pixel changed, where it is another one."""
        images = np.tile(self.image, (64, 1))
        np.fill_diagonal(images, np.where(self.image < 8, 16, 0))  # pixel i of image i
        _, A2 = read_images(self.learned, images)
        is_painting = self.pen is not None
        for text, new_answer in zip(self.flips, A2.argmax(axis=1)):
            text.set_text("" if is_painting or new_answer == answer else new_answer)

    def draw_changing(self):
        """Draw what a stroke can change."""
        for artist in self.changing:
            self.canvas.figure.draw_artist(artist)

    def on_draw(self, event):
        """Keep a copy of what does not change, and draw what does (a file has all of it)."""
        if self.is_fast and not event.canvas.is_saving():
            self.background = self.canvas.copy_from_bbox(self.canvas.figure.bbox)
            self.draw_changing()

    def on_press(self, event):
        """Begin to paint, if the pointer is on the image."""
        if event.inaxes is self.pixels.axes and event.button in (1, 3):  # left, right
            self.ink = 7 if event.button == 1 else -7
            self.pen = np.array([event.xdata, event.ydata])
            self.add_dots(self.pen[None])

    def on_move(self, event):
        """Go on to paint: a dot at each half pixel of the way, however fast the hand is."""
        if self.pen is not None:
            hand = self.pixels.axes.transData.inverted().transform((event.x, event.y))
            distance = np.hypot(*(hand - self.pen))
            steps = np.arange(0.5, distance, 0.5)
            if len(steps) > 0:
                dots = self.pen + np.outer(steps / distance, hand - self.pen)
                self.pen = dots[-1]
                self.add_dots(dots)

    def on_release(self, event):
        """End the stroke."""
        if self.pen is not None:
            self.pen = None
            self.show(self.image)

    def add_dots(self, dots):
        """Add the ink of soft dots with centres (n, 2) to the image, or take it away."""
        y, x = np.indices((8, 8)).reshape(2, 64, 1) + 0.5  # the pixels' centres
        distance = np.hypot(x - dots[:, 0], y - dots[:, 1])  # (64, n)
        ink = self.ink * np.exp(-2 * distance**2).sum(axis=1)
        self.show(np.clip(self.image + ink, 0, 16))

    def on_key(self, event):
        """Do what the grey text says about the keys."""
        key = str(event.key).lower()  # also with Caps Lock
        choices = []  # the numbers of test images
        if key.isdecimal():  # int reads the digits of Persian keyboards, too
            choices = np.flatnonzero(self.learned.y_test == int(key))
        elif key in ("left", "right", "up", "down"):
            choices = np.sort(self.mistakes)
        elif key in ("u", "escape"):
            choices = [self.index]
        elif key in ("e", "delete", "backspace"):
            self.show(np.zeros(64))
        if len(choices) > 0:
            place = np.searchsorted(choices, self.index, "right")
            self.index = choices[place % len(choices)]  # the next one, or again the first
            self.show(self.learned.images_test[self.index])


# %%
NO_WINDOW = """No window can be opened. Start the program in a terminal (not an IDE or a notebook) \
on a computer with a screen. On Linux, this may help: sudo apt install python3-tk"""


def main(argv=()):
    """Run the program with a list of flags; return the last network that it trained, as Learned."""
    options = parse_arguments(argv)
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="replace", line_buffering=True)  # for consoles without ✅
    print_first_image()
    learned, histories = learn_each_size(options)
    before = signal.signal(signal.SIGINT, signal.SIG_DFL)  # from now on, Ctrl-C ends the program
    if options.compare_hidden:
        print_comparison(histories)
        draw, what = draw_comparison, histories
    else:
        print_accuracy(learned.history, options.epochs)
        draw, what = draw_learned, learned
    save_picture(draw, what, options.output)
    if options.play:
        plt.rcParams["toolbar"] = "None"  # its tools (enlarge, move) would take the mouse
        for name in ("xscale", "yscale", "grid", "grid_minor"):
            plt.rcParams[f"keymap.{name}"] = []  # Matplotlib's own keys, such as l and g
        open_window(Playground, learned)
    elif not options.no_show:
        open_window(draw, what)
    signal.signal(signal.SIGINT, before)  # for what may follow, as after python -i
    return learned


def parse_arguments(argv):
    """Return the options; if one cannot work, say why in one line and end with status 2."""
    parser = argparse.ArgumentParser(usage=argparse.SUPPRESS)
    add = parser.add_argument  # with defaults as text: argparse reads them like flags
    add("--lr", type=float, default=str(LR), help=f"learning rate (default: {LR})")
    add("--epochs", type=int, default=str(EPOCHS), help=f"steps (default: {EPOCHS})")
    add("--hidden", type=int, default=str(HIDDEN), help=f"hidden neurons (default: {HIDDEN})")
    add("--seed", type=int, default=str(SEED), help=f"start of random numbers (default: {SEED})")
    part = f"part of the images (default: {TEST_FRACTION})"
    add("--test-fraction", type=float, default=str(TEST_FRACTION), help=part)
    add("--compare-hidden", type=int, nargs="+", default=[], help="several sizes to compare")
    name = "neural_net_digits.png"
    add("--output", type=Path, default=name, help=f"file of the picture (default: {name})")
    add("--no-show", action="store_true", help="save the picture without showing it")
    add("--play", action="store_true", help="then change images with the mouse, in a window")
    texts = [str(item) for item in argv]
    # argparse takes -1e-9 for a flag, but not if there is a space before it.
    texts = [f" {text}" if text[:1] == "-" and text[1:2].isdigit() else text for text in texts]
    options = parser.parse_args(texts)
    for flag, works, rule in check_options(options):
        if not works:
            parser.error(f"argument {flag}: {rule}")
    return options


def check_options(options):
    """Return for each flag whether its value can work, and the rule."""
    path = options.output
    formats = plt.Figure().canvas.get_supported_filetypes()
    clash = options.play and (options.no_show or options.compare_hidden)
    return [
        ("--lr", 0 < options.lr < np.inf, "must be a number above 0"),
        ("--epochs", options.epochs > 0, "must be above 0"),
        ("--hidden", options.hidden > 0, "must be above 0"),
        ("--compare-hidden", all(n > 0 for n in options.compare_hidden), "must be above 0"),
        ("--seed", options.seed >= 0, "must be 0 or above"),
        ("--test-fraction", 0 < options.test_fraction <= 0.99, "must be above 0, at most 0.99"),
        ("--output", path.suffix[1:].lower() in formats, "must end in .png, .pdf, .svg, ..."),
        ("--output", os.access(path.parent, os.W_OK) and not path.is_dir(), f"cannot write {path}"),
        ("--play", not clash, "does not go together with --no-show or --compare-hidden"),
        ("--play", clash or not options.play or has_window(), NO_WINDOW),
    ]


def print_first_image():
    """Print the first image, with dots for paper."""
    X, y = load_images()
    print(f"Loaded {len(X)} images of 8x8 pixels. The first one shows a {y[0]}:")
    text = str(X[0].reshape(8, 8).astype(int)).replace(" 0", " .")
    print(text.replace("[", " ").replace("]", ""))


@np.errstate(all="ignore")  # a number that is too large ends the program below
def learn_each_size(options):
    """Return the last Learned, and a dict from each network's name to its History."""
    histories = {}
    settings = options.lr, options.epochs, options.seed, options.test_fraction
    for hidden in sorted(set(options.compare_hidden or [options.hidden])):
        learned = learn_digits(hidden, *settings)
        history = learned.history
        if not np.isfinite(history.train_loss[-1] + history.test_loss[-1]):
            sys.exit("The loss is not a finite number: lower --lr.")
        if len(history.epoch_seconds) < options.epochs:
            histories[f"{hidden}*"] = history
            break
        histories[f"{hidden}"] = history
    return learned, histories


def print_accuracy(history, epochs):
    """Print the final test accuracy, and the usual causes if the network mostly guesses."""
    final = history.test_accuracy[-1]
    mark = "✅ " if final >= 0.2 else ""
    print(f"{mark}Final Test Accuracy: {final:.2%}")
    if final < 0.2 and len(history.epoch_seconds) == epochs:
        print("It mostly guesses. Is --lr too large? Is --lr, --epochs or --hidden too small?")
        print("If you changed the code: is the gradient right? Check it (section 6).")


def print_comparison(histories):
    """Print how the training of each size ended."""
    losses = "hidden  training loss  test loss     gap"
    print(f"{losses}  training accuracy  test accuracy     gap  ms/epoch")
    for name, history in histories.items():
        train_loss, test_loss, train_accuracy, test_accuracy, median = ends(history)
        losses = f"{train_loss:15.4f}{test_loss:11.4f}{test_loss - train_loss:8.4f}"
        accuracies = f"{train_accuracy:19.2%}{test_accuracy:15.2%}"
        print(f"{name:>6}{losses}{accuracies}{train_accuracy - test_accuracy:8.2%}{median:10.3f}")


def save_picture(draw, what, path):
    """Draw without a window, and save the picture."""
    figure = plt.Figure(figsize=SIZE)
    draw(figure, what)
    try:
        figure.savefig(path, dpi=130)
    except OSError as error:
        sys.exit(f"The picture {path} is not saved: {error}")
    print(f"Picture saved to {path}")


def new_window():
    """Return an empty figure in a window, a notebook or an IDE, or None if there is none."""
    try:
        only_files = plt.get_backend().lower() in ("agg", "cairo", "pdf", "pgf", "ps", "svg")
        return None if only_files else plt.figure(figsize=SIZE)
    except Exception:  # the window system, or a package for it, does not work
        return None


def has_window():
    """Return whether a figure gets a window of its own."""
    figure = new_window()
    if figure is None:
        return False
    framework = figure.canvas.required_interactive_framework  # None in a notebook
    plt.close(figure)
    return framework is not None


def open_window(draw, what):
    """Draw in a window, and wait until it is closed."""
    figure = new_window()
    if figure is not None:
        draw(figure, what)
        if figure.canvas.required_interactive_framework is not None:  # None in a notebook
            print("Close the window to end the program.")
            print("If a part of it is cut off, maximize it (double-click its title).")
        plt.show()
    elif sys.platform != "linux" or {"DISPLAY", "WAYLAND_DISPLAY"} & set(os.environ):
        print(NO_WINDOW)  # without a screen, nobody expects one


# For uv and pipx:
# /// script
# requires-python = ">=3.9"
# dependencies = ["numpy>=1.21", "matplotlib>=3.8", "scikit-learn>=1.0"]
# ///

# %%
if __name__ == "__main__":
    # A notebook's arguments are not for us.
    is_script = os.path.abspath(sys.argv[0]) == os.path.abspath(globals().get("__file__", ""))
    try:
        learned = main(sys.argv[1:] if is_script else [])
    except KeyboardInterrupt:
        sys.exit(130)  # the usual status after Ctrl-C
