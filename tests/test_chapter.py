"""The chapter's claims, section by section, each checked against somebody else's answer."""

import doctest
import inspect
import re

import numpy as np
import pytest
from conftest import SCRIPT, interrupt
from numpy.testing import assert_allclose, assert_array_equal
from scipy.special import expit
from sklearn.datasets import load_digits
from sklearn.metrics import accuracy_score, mean_squared_error
from sklearn.model_selection import train_test_split as sklearn_split
from sklearn.neural_network import MLPClassifier
from sklearn.preprocessing import LabelBinarizer, StandardScaler

import neural_net_digits as nn

pytestmark = pytest.mark.filterwarnings("error:::neural_net_digits")  # no step may warn
in_both_precisions = pytest.mark.parametrize("dtype", [np.float32, np.float64])


def digits(seed=0, dtype=np.float32, hidden=16, test_fraction=0.2):
    """Return untrained parameters and the sets, prepared as in section 8, in either precision."""
    rng = np.random.default_rng(seed)
    X, y = nn.load_images()
    X_train, X_test, y_train, y_test = nn.train_test_split(X.astype(dtype), y, test_fraction, rng)
    mean, std = nn.pixel_statistics(X_train)
    X_train, X_test = nn.standardize(X_train, mean, std), nn.standardize(X_test, mean, std)
    params = nn.init_params(64, hidden, 10, rng, dtype)
    return params, (X_train, nn.one_hot(y_train), X_test, nn.one_hot(y_test))


# The examples
def test_every_example_of_the_chapter_prints_what_stands_below_it(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # two examples save a file
    lines = SCRIPT.read_text(encoding="utf-8").splitlines()
    prose = [line[2:] if re.match("# (?!%%)", line) else "" for line in lines]
    session = doctest.DocTestParser().get_doctest("\n".join(prose), vars(nn).copy(), "", "", 0)
    report = []
    result = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(session, out=report.append)
    assert result.failed == 0, "".join(report)
    assert result.attempted > 50


# 1. The images
def test_the_images_are_those_of_scikit_learn():
    X, y = nn.load_images()
    assert_array_equal(X, load_digits().data)
    assert_array_equal(y, load_digits().target)
    assert (X.dtype, X.min(), X.max()) == (np.float32, 0, 16)


# 2. Getting the images ready
@pytest.mark.parametrize(("n", "test_fraction"), [(2, 0.5), (9, 0.1), (1797, 0.2), (1797, 0.5)])
def test_each_image_keeps_its_label_and_is_in_one_part_as_large_as_scikit_learns(n, test_fraction):
    images, rng = np.arange(n), np.random.default_rng(0)
    X_train, X_test, y_train, y_test = nn.train_test_split(images, -images, test_fraction, rng)
    theirs = sklearn_split(images, test_size=test_fraction)
    assert [len(X_train), len(X_test)] == [len(part) for part in theirs]
    assert sorted([*X_train, *X_test]) == list(images)
    assert_array_equal([*y_train, *y_test], [*-X_train, *-X_test])


def test_both_parts_are_shuffled():
    images = np.arange(1000)
    parts = nn.train_test_split(images, images, 0.2, np.random.default_rng(0))[:2]
    for part in parts:
        assert abs(np.corrcoef(part, np.arange(len(part)))[0, 1]) < 0.2  # no order is left
        assert abs(part.mean() - 500) < 60  # neither the first nor the last images


@in_both_precisions
def test_standardizing_is_what_scikit_learns_standard_scaler_does(dtype):
    X, _ = nn.load_images()
    X_train, X_test = X[:300].astype(dtype), X[300:].astype(dtype)
    scaler = StandardScaler().fit(X_train)
    assert (scaler.var_ == 0).any()  # pixels that never have ink are part of the claim
    mean, std = nn.pixel_statistics(X_train)
    for part in (X_train, X_test, X_test[:1]):
        ours = nn.standardize(part, mean, std)
        assert_allclose(ours, scaler.transform(part), rtol=1e-5, atol=1e-5)
        assert ours.dtype == dtype
    assert_array_equal(nn.standardize(X_test[0], mean, std), ours[0])  # one image alone


def test_one_hot_is_what_scikit_learns_label_binarizer_does():
    _, y = nn.load_images()
    assert_array_equal(nn.one_hot(y), LabelBinarizer().fit_transform(y))
    assert nn.one_hot(y).dtype == np.float32
    assert nn.one_hot(np.array([1, 0]), n_classes=4).tolist() == [[0, 1, 0, 0], [1, 0, 0, 0]]


# 3. A neuron
@in_both_precisions
def test_the_sigmoid_is_that_of_scipy_also_far_from_0(dtype):
    z = np.array([*np.linspace(-50, 50, 2001), -1e4, 1e4], dtype)
    assert_allclose(nn.sigmoid(z), expit(z), rtol=1e-6 if dtype == np.float32 else 1e-14)
    assert nn.sigmoid(z).dtype == dtype


# 4. The network
@in_both_precisions
def test_the_first_weights_are_small_and_random_and_the_first_biases_0(dtype):
    params = nn.init_params(640, 160, 1000, np.random.default_rng(0), dtype)
    for W, b in [(params.W1, params.b1), (params.W2, params.b2)]:
        assert abs(W.mean()) < 0.001
        assert W.std() == pytest.approx(0.1, rel=0.01)
        assert b.tolist() == [0] * W.shape[1]
        assert W.dtype == b.dtype == dtype
    assert nn.init_params(64, 16, 10, np.random.default_rng(0)).W1.dtype == np.float32


@in_both_precisions
def test_forward_gives_what_a_scikit_learn_network_with_the_same_weights_gives(dtype):
    params, (_, _, X, Y) = digits(dtype=dtype)
    for bias in (params.b1, params.b2):
        bias[:] = np.linspace(-1, 1, len(bias))  # with 0, a lost bias would not show
    theirs = MLPClassifier(hidden_layer_sizes=(16,), activation="logistic", solver="sgd")
    theirs.partial_fit(X, Y.astype(int), classes=np.arange(10))  # labels as rows: sigmoid outputs
    theirs.coefs_, theirs.intercepts_ = [params.W1, params.W2], [params.b1, params.b2]
    A1, A2 = nn.forward(params, X)
    assert_allclose(A2, theirs.predict_proba(X), rtol=1e-5 if dtype == np.float32 else 1e-12)
    assert_allclose(nn.forward(params, X[3])[1], A2[3], rtol=1e-5)  # one image alone
    assert A1.dtype == A2.dtype == dtype


def test_two_layers_without_a_sigmoid_between_them_are_one_layer(monkeypatch):
    params, (X, *_) = digits(dtype=np.float64)
    params.b1[:], params.b2[:] = 0.3, -0.2
    monkeypatch.setattr(nn, "sigmoid", lambda z: z)
    one_layer = X @ (params.W1 @ params.W2) + (params.b1 @ params.W2 + params.b2)
    assert_allclose(nn.forward(params, X)[1], one_layer, rtol=1e-10, atol=1e-12)


# 5. How wrong is it?
@in_both_precisions
@pytest.mark.parametrize("outputs", [1, 2, 10])
def test_loss_and_accuracy_follow_from_scikit_learns_error_and_accuracy(dtype, outputs):
    A2, Y = np.random.default_rng(0).random((2, 50, outputs)).astype(dtype)
    mean_square = mean_squared_error(Y, A2)  # over all outputs of all images
    assert nn.loss(A2, Y) == pytest.approx(mean_square * outputs / 2, rel=1e-6)
    assert type(nn.loss(A2, Y)) is float
    assert nn.loss(A2[3], Y[3]) == nn.loss(A2[3:4], Y[3:4])  # one image alone
    y = Y.argmax(axis=1)
    assert nn.accuracy(A2, y) == accuracy_score(y, A2.argmax(axis=1)) > 0


# 6. Which way to turn each weight
def test_each_of_the_1210_derivatives_is_what_finite_differences_say():
    params, sets = digits(dtype=np.float64)
    nn.train(params, *sets, epochs=50)  # at the very start some are near 0 (CS231n)
    X, Y = sets[0][:200], sets[1][:200].astype(np.float64)
    gradient = nn.backward(params, X, Y, *nn.forward(params, X))
    assert sum(derivative.size for derivative in gradient) == 1210
    for parameter, derivative in zip(params, gradient):
        for index in np.ndindex(parameter.shape):
            original, E = parameter[index], []
            for move in (-1e-5, 1e-5):
                parameter[index] = original + move
                E.append(nn.loss(nn.forward(params, X)[1], Y) * len(X))
            parameter[index] = original
            assert derivative[index] == pytest.approx((E[1] - E[0]) / 2e-5, rel=1e-5, abs=1e-7)


def test_the_gradient_is_what_pytorch_computes_from_the_error_alone():
    torch = pytest.importorskip("torch")
    params, (X, Y, *_) = digits(dtype=np.float64)
    W1, b1, W2, b2 = theirs = [torch.tensor(array, requires_grad=True) for array in params]
    A2 = torch.sigmoid(torch.sigmoid(torch.tensor(X) @ W1 + b1) @ W2 + b2)
    (((A2 - torch.tensor(Y)) ** 2).sum() / 2).backward()
    for ours, tensor in zip(nn.backward(params, X, Y, *nn.forward(params, X)), theirs):
        assert_allclose(ours, tensor.grad, rtol=1e-9, atol=1e-12)


def test_neurons_with_equal_weights_get_equal_derivatives():
    params, (X, Y, *_) = digits(dtype=np.float64)
    params.W1[:, 1], params.W2[1] = params.W1[:, 0], params.W2[0]
    gradient = nn.backward(params, X, Y, *nn.forward(params, X))
    assert_allclose(gradient.W1[:, 1], gradient.W1[:, 0], rtol=1e-9)
    assert_allclose(gradient.W2[1], gradient.W2[0], rtol=1e-9)


def test_the_weights_of_a_pixel_that_never_changes_stay_as_they_are():
    params, sets = digits()
    never_changes = sets[0].std(axis=0) == 0
    before = params.W1.copy()
    nn.train(params, *sets, epochs=3)
    assert never_changes.any()
    assert_array_equal((before == params.W1).all(axis=1), never_changes)


# 7. Learning
@in_both_precisions
def test_a_step_subtracts_lr_times_the_gradient_in_place_and_returns_nothing(dtype):
    params, (X, Y, *_) = digits(dtype=dtype)
    before = [parameter.copy() for parameter in params]
    gradient = nn.backward(params, X, Y, *nn.forward(params, X))
    assert nn.step(params, X, Y, 0.001) is None
    for parameter, old, derivative in zip(params, before, gradient):
        assert_allclose(parameter, old - 0.001 * derivative, rtol=1e-6)
        assert parameter.dtype == derivative.dtype == dtype


@pytest.mark.parametrize("epochs", [0, 1, 25, 1234])
def test_each_entry_of_the_history_was_measured_after_so_many_steps(epochs):
    params, sets = digits()
    history = nn.train(params, *sets, lr=0.001, epochs=epochs)
    places = history.epochs.tolist()
    between = np.diff(places)
    assert (places[0], places[-1], len(places)) == (0, epochs, min(epochs, 500) + 1)
    assert max(between, default=1) - min(between, default=1) <= 1  # evenly
    assert (len(history.epoch_seconds), min(history.epoch_seconds, default=1) > 0) == (epochs, True)
    params, (X, Y, X_test, Y_test) = digits()
    for i in range(epochs + 1):
        if i in (*places[:3], epochs):
            place = places.index(i)
            A2, A2_test = nn.forward(params, X)[1], nn.forward(params, X_test)[1]
            losses = [nn.loss(A2, Y), nn.loss(A2_test, Y_test)]
            accuracies = [nn.accuracy(A2, Y.argmax(1)), nn.accuracy(A2_test, Y_test.argmax(1))]
            assert [curve[place] for curve in history[1:5]] == losses + accuracies
        nn.step(params, X, Y, 0.001)


@pytest.mark.parametrize(("epochs", "shown"), [(1, 1), (30, 3), (400, 40)])
def test_about_ten_rows_are_printed_each_with_what_its_epoch_gave(capsys, epochs, shown):
    params, sets = digits()
    history = nn.train(params, *sets, epochs=epochs)
    rows = [line.split() for line in capsys.readouterr().out.splitlines()[1:]]
    assert [int(row[0]) for row in rows] == list(range(0, epochs + 1, shown))
    for row in rows:
        a, b, c, d = [curve[int(row[0])] for curve in history[1:5]]
        assert row[1:5] == [f"{a:.4f}", f"{b:.4f}", f"{c:.2%}", f"{d:.2%}"]
    assert rows[0][5] == "-"
    assert float(rows[-1][5]) == pytest.approx(1000 * np.median(history.epoch_seconds), abs=0.001)


@pytest.mark.parametrize("where", ["forward", "backward", "loss", "accuracy", "print_row"])
@pytest.mark.parametrize("call", [1, 2, 5])
def test_ctrl_c_at_any_moment_keeps_the_network_and_what_was_measured(monkeypatch, where, call):
    params, sets = digits()
    interrupt(monkeypatch, where, call)
    history = nn.train(params, *sets, epochs=8)
    X, Y, X_test, Y_test = sets
    assert history.epochs[-1] == len(history.epoch_seconds) < 8
    assert history.train_loss[-1] == nn.loss(nn.forward(params, X)[1], Y)
    assert history.test_loss[-1] == nn.loss(nn.forward(params, X_test)[1], Y_test)
    assert len({len(curve) for curve in history[:5]}) == 1


# 8. All of it, in order
def test_the_settings_at_the_top_are_the_defaults_of_train_and_learn_digits():
    defaults = {"lr": 0.00051, "epochs": 6500, "hidden": 16, "seed": 0, "test_fraction": 0.2}
    assert list(defaults.values()) == [nn.LR, nn.EPOCHS, nn.HIDDEN, nn.SEED, nn.TEST_FRACTION]
    for function in (nn.train, nn.learn_digits):
        for name, parameter in inspect.signature(function).parameters.items():
            assert parameter.default == defaults.get(name, inspect.Parameter.empty)


def test_learn_digits_does_the_steps_in_their_order_with_each_setting():
    settings = {"hidden": 5, "lr": 0.001, "epochs": 20, "seed": 3, "test_fraction": 0.5}
    learned = nn.learn_digits(**settings)
    params, sets = digits(seed=3, hidden=5, test_fraction=0.5)
    history = nn.train(params, *sets, lr=0.001, epochs=20)
    prepared = nn.standardize(learned.images_test, learned.mean, learned.std)
    ours = [*learned.params, *learned.history[:5], prepared, nn.one_hot(learned.y_test)]
    for one, other in zip(ours, [*params, *history[:5], sets[2], sets[3]]):
        assert_array_equal(one, other)
    assert_array_equal(nn.one_hot(learned.y_train), sets[1])
    assert_array_equal(
        nn.read_images(learned, learned.images_train)[1], nn.forward(params, sets[0])[1]
    )
    assert len(repr(learned)) < 200  # typed alone, it does not fill the screen
