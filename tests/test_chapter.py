"""The chapter's claims, section by section, each checked against somebody else's answer."""

import re
from unittest.mock import Mock

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

pytestmark = pytest.mark.filterwarnings("error")  # no step of the chapter may warn
in_both_precisions = pytest.mark.parametrize("dtype", [np.float32, np.float64])


def digits(seed=0, dtype=np.float32, hidden=16, test_fraction=0.2):
    """Return untrained parameters and the sets, prepared as in section 9, in either precision."""
    rng = np.random.default_rng(seed)
    X, y = nn.load_images()
    X_train, X_test, y_train, y_test = nn.train_test_split(X.astype(dtype), y, test_fraction, rng)
    X_train, X_test = nn.standardize(X_train, X_test)
    params = nn.init_params(64, hidden, 10, rng, dtype)
    return params, (X_train, nn.one_hot(y_train), X_test, nn.one_hot(y_test))


# 1. The images
def test_the_images_are_those_of_scikit_learn():
    X, y = nn.load_images()
    assert_array_equal(X, load_digits().data)
    assert_array_equal(y, load_digits().target)
    assert (X.dtype, X.min(), X.max()) == (np.float32, 0, 16)


# 2. Train and test
@pytest.mark.parametrize(("n", "test_fraction"), [(2, 0.5), (9, 0.1), (1797, 0.2), (1797, 0.5)])
def test_each_image_keeps_its_label_and_is_in_one_part_as_large_as_scikit_learns(n, test_fraction):
    images, rng = np.arange(n), np.random.default_rng(0)
    X_train, X_test, y_train, y_test = nn.train_test_split(images, -images, test_fraction, rng)
    theirs = sklearn_split(images, test_size=test_fraction)
    assert [len(X_train), len(X_test)] == [len(part) for part in theirs]
    assert sorted([*X_train, *X_test]) == list(images)
    assert_array_equal([*y_train, *y_test], [*-X_train, *-X_test])


# 3. Standardize
@in_both_precisions
def test_standardizing_is_what_scikit_learns_standard_scaler_does(dtype):
    X, _ = nn.load_images()
    X_train, X_test = X[:300].astype(dtype), X[300:].astype(dtype)
    scaler = StandardScaler().fit(X_train)
    assert (scaler.var_ == 0).any()  # pixels that never have ink are part of the claim
    for ours, part in zip(nn.standardize(X_train, X_test), (X_train, X_test)):
        assert_allclose(ours, scaler.transform(part), rtol=1e-5, atol=1e-5)
        assert ours.dtype == dtype


# 4. One-hot
def test_one_hot_is_what_scikit_learns_label_binarizer_does():
    _, y = nn.load_images()
    assert_array_equal(nn.one_hot(y), LabelBinarizer().fit_transform(y))
    assert nn.one_hot(y).dtype == np.float32
    assert nn.one_hot(np.array([1, 0]), n_classes=4).tolist() == [[0, 1, 0, 0], [1, 0, 0, 0]]


# 5. The network
@in_both_precisions
def test_the_sigmoid_is_that_of_scipy_also_far_from_0(dtype):
    z = np.array([*np.linspace(-50, 50, 2001), -1e4, 1e4], dtype)
    assert_allclose(nn.sigmoid(z), expit(z), rtol=1e-6 if dtype == np.float32 else 1e-14)
    assert nn.sigmoid(z).dtype == dtype


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


# 6. How wrong is it?
@in_both_precisions
def test_loss_and_accuracy_follow_from_scikit_learns_mean_squared_error_and_accuracy(dtype):
    A2, Y = np.random.default_rng(0).random((2, 50, 10)).astype(dtype)
    assert nn.loss(A2, Y) == pytest.approx(5 * mean_squared_error(Y, A2), rel=1e-6)
    assert type(nn.loss(A2, Y)) is float
    assert nn.loss(A2[3], Y[3]) == nn.loss(A2[3:4], Y[3:4])  # one image alone
    y = Y.argmax(axis=1)
    assert nn.accuracy(A2, y) == accuracy_score(y, A2.argmax(axis=1)) > 0


# 7. Backpropagation
def test_backward_computes_the_output_that_is_worked_in_numbers():
    told = re.findall(r"= *(-0\.\d+)\n", SCRIPT.read_text(encoding="utf-8"))
    params = nn.Params(np.zeros((1, 1)), np.zeros(1), np.full((1, 1), 1.7), np.zeros(1))
    A1, A2 = nn.forward(params, np.zeros((1, 1)))
    assert A1[0, 0] == 0.5
    gradient = nn.backward(params, np.zeros((1, 1)), np.ones((1, 1)), A1, A2)
    dZ2 = gradient.b2[0]  # the only one
    found = [1.7 * dZ2, gradient.W2[0, 0], dZ2, A2[0, 0] - 1]
    assert np.float64(told) == pytest.approx(found, abs=0.001)


def test_each_of_the_1210_derivatives_is_what_finite_differences_say():
    params, sets = digits(dtype=np.float64)
    nn.train(params, *sets, epochs=50)  # at the very start some are near 0 (CS231n)
    X, Y = sets[0][:200], sets[1][:200].astype(np.float64)
    gradient = nn.backward(params, X, Y, *nn.forward(params, X))
    assert sum(derivative.size for derivative in gradient) == 1210
    for parameter, derivative in zip(params, gradient):
        numeric, h = np.zeros_like(parameter), 1e-3
        for index in np.ndindex(parameter.shape):
            original = parameter[index]
            for move, factor in [(-2, 1), (-1, -8), (1, 8), (2, -1)]:
                parameter[index] = original + move * h
                E = nn.loss(nn.forward(params, X)[1], Y) * len(X)
                numeric[index] += factor * E / (12 * h)
            parameter[index] = original
        assert_allclose(derivative, numeric, rtol=1e-6, atol=1e-10)


# 8. Learning
@in_both_precisions
def test_entry_i_of_the_history_comes_after_i_steps_of_minus_lr_times_the_gradient(dtype):
    params, sets = digits(dtype=dtype)
    history = nn.train(params, *sets, lr=0.001, epochs=5)
    assert [len(curve) for curve in history] == [6, 6, 6, 6, 5]
    params, (X, Y, X_test, Y_test) = digits(dtype=dtype)
    for i in range(6):
        A1, A2 = nn.forward(params, X)
        _, A2_test = nn.forward(params, X_test)
        losses = [nn.loss(A2, Y), nn.loss(A2_test, Y_test)]
        accuracies = [nn.accuracy(A2, Y.argmax(1)), nn.accuracy(A2_test, Y_test.argmax(1))]
        assert [curve[i] for curve in history[:4]] == losses + accuracies
        for parameter, derivative in zip(params, nn.backward(params, X, Y, A1, A2)):
            parameter -= 0.001 * derivative
            assert derivative.dtype == dtype


@pytest.mark.parametrize(("epochs", "shown"), [(1, 1), (25, 2), (200, 20)])
def test_about_ten_rows_are_printed_each_with_what_its_epoch_gave(capsys, epochs, shown):
    params, sets = digits()
    history = nn.train(params, *sets, epochs=epochs)
    rows = [line.split() for line in capsys.readouterr().out.splitlines()[1:]]
    assert [int(row[0]) for row in rows] == [*range(0, epochs, shown), epochs]
    for row in rows:
        a, b, c, d = [curve[int(row[0])] for curve in history[:4]]
        assert row[1:5] == [f"{a:.4f}", f"{b:.4f}", f"{c:.2%}", f"{d:.2%}"]
    assert float(rows[-1][5]) == pytest.approx(1000 * np.median(history.epoch_seconds), abs=0.001)


def test_the_time_of_an_epoch_is_that_of_its_step_alone(monkeypatch):
    params, sets = digits()
    clock = Mock()  # each call of these functions takes a second
    for name in ("forward", "backward", "loss", "accuracy", "print_row"):
        monkeypatch.setattr(nn, name, Mock(wraps=getattr(nn, name)))
        clock.attach_mock(getattr(nn, name), name)
    monkeypatch.setattr(nn, "time", Mock(perf_counter=lambda: len(clock.method_calls)))
    assert nn.train(params, *sets, epochs=3).epoch_seconds.tolist() == [2, 2, 2]


CALLS = {"forward": 2, "backward": 1, "loss": 2, "accuracy": 2, "print_row": 1}  # in an epoch


@pytest.mark.parametrize("call", range(1, 6))
@pytest.mark.parametrize("where", CALLS)
def test_ctrl_c_at_any_moment_keeps_whole_epochs_and_the_network(monkeypatch, where, call):
    params, sets = digits()
    interrupt(monkeypatch, where, call)
    history = nn.train(params, *sets, epochs=8)
    done = (call - 1) // CALLS[where]
    assert [len(curve) for curve in history] == [done + 1] * 4 + [done]
    X, Y, X_test, Y_test = sets
    assert history.train_loss[-1] == nn.loss(nn.forward(params, X)[1], Y)
    assert history.test_loss[-1] == nn.loss(nn.forward(params, X_test)[1], Y_test)


# 9. All of it, in order
def test_the_nine_examples_run_in_order_and_what_is_measured_is_what_backward_says(capsys):
    session, text, examples = dict(vars(nn)), SCRIPT.read_text(encoding="utf-8"), 0
    assert re.findall(r"(?m)^# ## (\d+)\. ", text) == [str(n) for n in range(1, 12)]
    for example in re.findall(r"(?ms)^# %% tags=.*?active-ipynb.*?\n(.*?)(?:^# %%|\Z)", text):
        exec(re.sub(r"(?m)^# ", "", example), session)
        printed = capsys.readouterr().out
        assert printed  # each example shows something
        if "measured:" in printed:
            measured, computed = re.findall(r"-?\d+\.\d+", printed)
            assert float(measured) == pytest.approx(float(computed), rel=1e-5)
        examples += 1
    assert examples == 9


def test_the_program_does_the_steps_in_their_order_with_each_flag(tmp_path):
    flags = "--lr 0.001 --epochs 20 --hidden 5 --seed 3 --test-fraction 0.5 --no-show --output"
    learned, _ = nn.main([*flags.split(), str(tmp_path / "picture.png")])
    params, sets = digits(seed=3, hidden=5, test_fraction=0.5)
    history = nn.train(params, *sets, lr=0.001, epochs=20)
    again = nn.standardize(learned.images_train, learned.images_test)
    targets = nn.one_hot(learned.y_train), nn.one_hot(learned.y_test)
    ours = [*learned.params, *learned.history[:4], learned.X_train, learned.X_test, *targets]
    for one, other in zip(ours, [*params, *history[:4], *again, sets[1], sets[3]]):
        assert_array_equal(one, other)
