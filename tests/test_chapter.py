"""Sections 1 to 8 of the chapter: each test is one claim, checked against an answer that is not the chapter's own."""

import inspect
import re
from concurrent.futures import ProcessPoolExecutor
from types import SimpleNamespace

import numpy as np
import pytest
from scipy.special import expit
from sklearn.datasets import load_digits
from sklearn.metrics import accuracy_score, mean_squared_error
from sklearn.model_selection import train_test_split as sklearn_split
from sklearn.neural_network import MLPClassifier
from sklearn.preprocessing import LabelBinarizer, StandardScaler

import neural_net_digits as nn

pytestmark = pytest.mark.filterwarnings("error")  # no step of the chapter may warn


# 1. The images


def test_the_images_are_those_of_scikit_learn():
    X, y = nn.load_images()
    np.testing.assert_array_equal(X, load_digits().data)
    np.testing.assert_array_equal(y, load_digits().target)
    assert X.shape == (1797, 64)
    assert X.dtype == np.float32
    assert (X.min(), X.max()) == (0, 16)


# 2. Train and test


@pytest.mark.parametrize("n_images", [2, 9, 10, 11, 1437, 1797])
@pytest.mark.parametrize("test_fraction", [0.1, 0.2, 0.25, 0.5])
def test_the_two_parts_have_the_sizes_of_scikit_learns_split(n_images, test_fraction):
    X = np.zeros((n_images, 64))
    ours = nn.train_test_split(X, np.zeros(n_images), test_fraction, np.random.default_rng(0))
    theirs = sklearn_split(X, np.zeros(n_images), test_size=test_fraction)
    assert [part.shape for part in ours] == [part.shape for part in theirs]


def test_each_image_goes_to_one_part_and_keeps_its_label():
    X, y = np.arange(100).reshape(100, 1), np.arange(100) + 1000
    X_train, X_test, y_train, y_test = nn.train_test_split(X, y, 0.2, np.random.default_rng(0))
    assert sorted([*X_train[:, 0], *X_test[:, 0]]) == list(range(100))
    np.testing.assert_array_equal(y_train, X_train[:, 0] + 1000)
    np.testing.assert_array_equal(y_test, X_test[:, 0] + 1000)


def test_the_images_are_shuffled_before_they_are_split():
    images = np.arange(1000)
    _, _, train, test = nn.train_test_split(images, images, 0.2, np.random.default_rng(0))
    assert abs(test.mean() - 500) < 100  # 20 % from one end would have a mean of 100 or 900
    assert (np.diff(train) < 0).mean() > 0.4
    assert (np.diff(test) < 0).mean() > 0.4


def test_the_same_seed_gives_the_same_split_and_another_seed_another():
    images = np.arange(100)
    first, same, other = (
        nn.train_test_split(images, images, 0.2, np.random.default_rng(seed))[1] for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(first, same)
    assert set(first) != set(other)


@pytest.mark.parametrize("test_fraction", [0, -0.2, 1, 0.999, 20])
def test_a_split_that_leaves_a_part_empty_is_refused(test_fraction):
    with pytest.raises(ValueError, match=f"test_fraction {test_fraction} puts -?[0-9]+ of 10 images into the test"):
        nn.train_test_split(np.zeros((10, 64)), np.zeros(10), test_fraction, np.random.default_rng(0))


# 3. Standardize


def test_standardizing_does_what_scikit_learns_standard_scaler_does(dtype):
    X, y = nn.load_images()
    X_train, X_test, _, _ = nn.train_test_split(X.astype(dtype), y, 0.2, np.random.default_rng(0))
    assert (X_train.std(axis=0) == 0).any()  # pixels without ink in any training image are part of the claim
    scaler = StandardScaler().fit(X_train)
    tolerance = 1e-12 if dtype == np.float64 else 1e-5
    for ours, theirs in zip(nn.standardize(X_train, X_test), (scaler.transform(X_train), scaler.transform(X_test))):
        np.testing.assert_allclose(ours, theirs, rtol=tolerance, atol=tolerance)
        assert ours.dtype == dtype


def test_a_pixel_that_has_ink_in_test_images_only_is_not_divided_by_zero():
    X_train, X_test = nn.standardize(np.array([[0.0], [0.0]]), np.array([[3.0]]))
    assert X_train.tolist() == [[0], [0]]
    assert X_test.tolist() == [[3]]


def test_a_pixel_with_the_same_ink_in_all_training_images_is_not_divided_by_zero():
    X_train, X_test = nn.standardize(np.array([[5.0], [5.0]]), np.array([[8.0]]))
    assert X_train.tolist() == [[0], [0]]
    assert X_test.tolist() == [[3]]


def test_the_test_images_have_no_say_in_how_images_are_standardized():
    X_train = np.random.default_rng(0).random((50, 64))
    alone, _ = nn.standardize(X_train, X_train[:5])
    beside_others, _ = nn.standardize(X_train, 1000 + X_train[:5])
    np.testing.assert_array_equal(alone, beside_others)


# 4. One-hot


def test_one_hot_does_what_scikit_learns_label_binarizer_does():
    _, y = nn.load_images()
    Y = nn.one_hot(y)
    np.testing.assert_array_equal(Y, LabelBinarizer().fit_transform(y))
    assert Y.dtype == np.float32


def test_one_hot_has_a_column_for_each_class_even_for_those_that_do_not_occur():
    assert nn.one_hot([1, 0], n_classes=4).tolist() == [[0, 1, 0, 0], [1, 0, 0, 0]]


@pytest.mark.parametrize(("label", "n_classes"), [(-1, 10), (10, 10), (3, 3), (99, 10)])
def test_a_label_outside_the_classes_is_refused_by_name(label, n_classes):
    message = f"label {label} is not one of the classes 0 to {n_classes - 1}"
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        nn.one_hot(np.array([0, label, 2]), n_classes)


# 5. The network


def test_the_sigmoid_is_that_of_scipy(dtype):
    z = np.linspace(-50, 50, 2001, dtype=dtype)
    np.testing.assert_allclose(nn.sigmoid(z), expit(z), rtol=1e-6 if dtype == np.float32 else 1e-14)
    assert nn.sigmoid(z).dtype == dtype


def test_the_sigmoid_of_huge_numbers_is_exactly_0_or_1_without_a_warning(dtype):
    assert nn.sigmoid(np.array([-1e4, 1e4], dtype)).tolist() == [0, 1]


def test_the_slope_of_the_sigmoid_is_what_finite_differences_say():
    z, h = np.linspace(-8, 8, 101), 1e-5
    numeric = (expit(z + h) - expit(z - h)) / (2 * h)
    np.testing.assert_allclose(nn.sigmoid_derivative(expit(z)), numeric, atol=1e-10)


def test_the_network_has_1210_numbers_to_learn(dtype):
    params = nn.init_params(64, 16, 10, np.random.default_rng(0), dtype)
    assert [p.shape for p in params] == [(64, 16), (16,), (16, 10), (10,)]
    assert sum(p.size for p in params) == 1210
    assert {p.dtype for p in params} == {np.dtype(dtype)}


def test_training_is_done_in_float32_unless_asked_otherwise():
    assert {p.dtype for p in nn.init_params(64, 16, 10, np.random.default_rng(0))} == {np.dtype(np.float32)}


def test_the_first_weights_are_small_and_random_and_the_first_biases_0():
    W1, b1, W2, b2 = nn.init_params(640, 160, 1000, np.random.default_rng(0))
    for W in (W1, W2):
        assert abs(W.mean()) < 0.001
        assert W.std() == pytest.approx(0.1, rel=0.01)
    assert not b1.any()
    assert not b2.any()
    assert not np.array_equal(W1.ravel()[:100], W2.ravel()[:100])


def test_hidden_neurons_that_start_equal_stay_equal(digits):
    start = digits(dtype=np.float64)
    zeros = nn.Params(*(np.zeros_like(p) for p in start.params))
    nn.train(zeros, *start.sets, epochs=20)
    size = abs(zeros.W1).max()
    assert size > 0  # they did learn something, and all the same, but for the last digits of the sums
    np.testing.assert_allclose(zeros.W1, zeros.W1[:, :1].repeat(16, axis=1), atol=1e-6 * size)


def test_the_forward_pass_is_that_of_a_scikit_learn_network_with_the_same_weights(digits, dtype):
    params, (_, _, X, Y) = digits(dtype=dtype).params, digits(dtype=dtype).sets
    params.b1[:], params.b2[:] = np.linspace(-1, 1, 16), np.linspace(-1, 1, 10)  # or a lost bias would not show
    theirs = MLPClassifier(hidden_layer_sizes=(16,), activation="logistic", solver="sgd")
    theirs.partial_fit(X, Y.astype(int), classes=np.arange(10))  # several labels at once: its outputs are sigmoids, too
    theirs.coefs_, theirs.intercepts_ = [params.W1, params.W2], [params.b1, params.b2]
    _, A2 = nn.forward(params, X)
    np.testing.assert_allclose(A2, theirs.predict_proba(X), rtol=1e-5 if dtype == np.float32 else 1e-12)
    assert A2.dtype == dtype


# 6. How wrong is it?


def test_the_loss_is_five_times_scikit_learns_mean_squared_error():
    rng = np.random.default_rng(0)
    A2, Y = rng.random((30, 10)), rng.random((30, 10))
    assert nn.loss(A2, Y) == pytest.approx(10 / 2 * mean_squared_error(Y, A2), rel=1e-14)


def test_the_loss_is_a_float_of_python_in_either_precision(dtype):
    assert type(nn.loss(np.ones((2, 10), dtype), np.zeros((2, 10), dtype))) is float


def test_the_loss_at_chance_is_1_25(digits):
    start = digits()
    near_zero = nn.Params(*(p / 1000 for p in start.params))
    X_train, Y_train, _, _ = start.sets
    assert nn.loss(nn.forward(near_zero, X_train)[1], Y_train) == pytest.approx(1.25, rel=1e-3)


def test_accuracy_is_that_of_scikit_learn():
    rng = np.random.default_rng(0)
    A2, y = rng.random((50, 10)), rng.integers(0, 10, 50)
    assert nn.accuracy(A2, y) == accuracy_score(y, A2.argmax(axis=1))


def test_a_network_that_says_the_same_of_every_digit_is_not_called_right():
    assert nn.accuracy(np.ones((10, 10)), np.arange(10)) == 0.1


# 7. Backpropagation


def error(params, X, Y):
    """Return E itself, which `loss` divides by N."""
    return nn.loss(nn.forward(params, X)[1], Y) * len(X)


def test_each_of_the_1210_gradients_is_what_finite_differences_say(digits):
    start = digits(dtype=np.float64)
    params, (X_train, Y_train, _, _) = start.params, start.sets
    nn.train(params, *start.sets, epochs=50)  # a burn-in, after CS231n: at the very start some gradients are near 0
    X, Y = X_train[:200], Y_train[:200].astype(np.float64)
    gradient = nn.backward(params, X, Y, *nn.forward(params, X))
    checked = 0
    for parameter, derivative in zip(params, gradient):
        assert parameter.shape == derivative.shape
        for index in np.ndindex(parameter.shape):
            original, h, values = parameter[index], 1e-3, []
            for step in (-2, -1, 1, 2):
                parameter[index] = original + step * h
                values.append(error(params, X, Y))
            parameter[index] = original
            numeric = (values[0] - 8 * values[1] + 8 * values[2] - values[3]) / (12 * h)  # central, error of order h^4
            assert derivative[index] == pytest.approx(numeric, rel=1e-6, abs=1e-10)
            checked += 1
    assert checked == 1210


def test_the_gradient_is_summed_over_the_images_not_averaged(digits):
    start = digits(dtype=np.float64)
    params, (X, Y, _, _) = start.params, start.sets
    whole = nn.backward(params, X, Y, *nn.forward(params, X))
    parts = [nn.backward(params, X[i::2], Y[i::2], *nn.forward(params, X[i::2])) for i in (0, 1)]
    for both, first, second in zip(whole, *parts):
        np.testing.assert_allclose(both, first + second, rtol=1e-9, atol=1e-12)


def test_gradients_have_the_precision_of_the_network(digits, dtype):
    start = digits(dtype=dtype)
    X, Y, _, _ = start.sets
    gradient = nn.backward(start.params, X, Y, *nn.forward(start.params, X))
    assert {derivative.dtype for derivative in gradient} == {np.dtype(dtype)}


# 8. Learning


def test_one_epoch_changes_each_parameter_by_exactly_minus_lr_times_its_gradient(digits, dtype):
    start = digits(dtype=dtype)
    params, (X, Y, _, _) = start.params, start.sets
    before = nn.Params(*(p.copy() for p in params))
    gradient = nn.backward(before, X, Y, *nn.forward(before, X))
    nn.train(params, *start.sets, lr=0.01, epochs=1)
    for new, old, derivative in zip(params, before, gradient):
        np.testing.assert_array_equal(new, old - 0.01 * derivative)
        assert new.dtype == dtype


def test_fourteen_copies_of_all_images_teach_what_one_teaches_with_fourteen_times_the_lr(digits):
    once, copies = digits(dtype=np.float64), digits(dtype=np.float64)
    X, Y, X_test, Y_test = copies.sets
    many = [np.tile(M, (14, 1)) for M in (X, Y, X_test, Y_test)]  # 20,118 and 5,040 images: several blocks
    expected = nn.train(once.params, *once.sets, lr=0.00056, epochs=20)
    history = nn.train(copies.params, *many, lr=0.00004, epochs=20)
    for ours, theirs in zip([*copies.params, *history[:4]], [*once.params, *expected[:4]]):
        np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-12)


def test_the_knobs_at_the_top_are_what_train_uses():
    assert (nn.LR, nn.EPOCHS, nn.HIDDEN, nn.TEST_FRACTION) == (0.00051, 6500, 16, 0.2)
    parameters = inspect.signature(nn.train).parameters
    assert (parameters["lr"].default, parameters["epochs"].default) == (nn.LR, nn.EPOCHS)


def test_the_loss_falls_in_each_of_the_first_hundred_epochs(digits):
    start = digits()
    history = nn.train(start.params, *start.sets, epochs=100)
    assert (np.diff(history.train_loss) < 0).all()


def test_entry_0_is_the_untrained_network_and_the_last_entry_the_one_handed_back(digits):
    start = digits()
    X_train, Y_train, X_test, Y_test = start.sets

    def figures():
        A2, A2_test = nn.forward(start.params, X_train)[1], nn.forward(start.params, X_test)[1]
        losses = nn.loss(A2, Y_train), nn.loss(A2_test, Y_test)
        return [*losses, nn.accuracy(A2, start.y_train), nn.accuracy(A2_test, start.y_test)]

    untrained = figures()
    history = nn.train(start.params, *start.sets, epochs=30)
    assert [curve[0] for curve in history[:4]] == untrained
    assert [curve[-1] for curve in history[:4]] == figures()


def test_the_history_has_an_entry_for_each_epoch_and_one_for_the_start(digits):
    start = digits()
    history = nn.train(start.params, *start.sets, epochs=7)
    assert [len(curve) for curve in history] == [8, 8, 8, 8, 7]
    assert (history.epoch_seconds > 0).all()


def test_entry_k_is_the_network_after_k_epochs(digits):
    long, short = digits(), digits()
    history = nn.train(long.params, *long.sets, epochs=9)
    shorter = nn.train(short.params, *short.sets, epochs=4)
    for curve, beginning in zip(history[:4], shorter[:4]):
        np.testing.assert_array_equal(curve[:5], beginning)


def test_nothing_is_learned_from_the_test_images(digits):
    start, other = digits(), digits()
    X_train, Y_train, X_test, Y_test = other.sets
    nn.train(start.params, *start.sets, epochs=10)
    nn.train(other.params, X_train, Y_train, -X_test[:7], Y_test[:7], epochs=10)
    for ours, theirs in zip(start.params, other.params):
        np.testing.assert_array_equal(ours, theirs)


def test_the_network_can_learn_twenty_images_by_heart(digits):
    start = digits()
    X_train, Y_train, X_test, Y_test = start.sets
    history = nn.train(start.params, X_train[:20], Y_train[:20], X_test, Y_test, lr=0.1, epochs=500)
    assert history.train_accuracy[-1] == 1
    assert history.train_loss[-1] < 0.01
    assert history.test_accuracy[-1] < 0.9  # which is not yet to understand digits


def test_the_same_seed_gives_the_same_run_twice_and_another_seed_another(digits):
    first, same, other = digits(seed=1), digits(seed=1), digits(seed=2)
    histories = [nn.train(start.params, *start.sets, epochs=50) for start in (first, same, other)]
    for ours, theirs in zip(first.params, same.params):
        np.testing.assert_array_equal(ours, theirs)
    np.testing.assert_array_equal(histories[0][:4], histories[1][:4])
    assert not np.array_equal(histories[0].test_loss, histories[2].test_loss)


def test_float32_learns_what_float64_learns(digits):
    histories = []
    for precision in (np.float32, np.float64):
        start = digits(dtype=precision)
        histories.append(nn.train(start.params, *start.sets, epochs=300))
        assert {p.dtype for p in start.params} == {np.dtype(precision)}
    np.testing.assert_allclose(histories[0].train_loss, histories[1].train_loss, rtol=1e-3)


def test_about_ten_lines_of_progress_are_printed_and_the_last_epoch_is_among_them(digits, capsys):
    start = digits()
    history = nn.train(start.params, *start.sets, epochs=25)
    header, *lines = capsys.readouterr().out.splitlines()
    assert header == " epoch  training loss  test loss  training accuracy  test accuracy  ms/epoch"
    assert [int(line.split()[0]) for line in lines] == [0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 25]
    last = lines[-1].split()
    figures = [f"{history[0][-1]:.4f}", f"{history[1][-1]:.4f}", f"{history[2][-1]:.2%}", f"{history[3][-1]:.2%}"]
    assert last[1:5] == figures
    assert float(last[5]) == pytest.approx(1000 * np.median(history.epoch_seconds[-2:]), abs=0.001)


@pytest.mark.parametrize("epochs", [1, 7, 19])
def test_a_run_too_short_for_ten_lines_prints_every_epoch(digits, capsys, epochs):
    start = digits()
    nn.train(start.params, *start.sets, epochs=epochs)
    _, *lines = capsys.readouterr().out.splitlines()
    assert [int(line.split()[0]) for line in lines] == list(range(epochs + 1))


def test_a_long_run_prints_a_line_for_each_tenth_of_it(digits, capsys):
    start = digits()
    nn.train(start.params, *start.sets, epochs=200)
    _, *lines = capsys.readouterr().out.splitlines()
    assert [int(line.split()[0]) for line in lines] == list(range(0, 201, 20))


def test_the_time_printed_is_the_median_of_the_epochs_since_the_last_line_in_milliseconds(digits, monkeypatch, capsys):
    now, ticks = [0.0], iter([5, 5, 5, 1, 2, 9] * 5)  # seconds that each epoch of 30 takes, in groups of three

    def clock():
        now.append(now[-1] + (next(ticks) if len(now) % 2 == 0 else 100))
        return now[-1]

    monkeypatch.setattr(nn, "time", SimpleNamespace(perf_counter=clock))
    start = digits()
    nn.train(start.params, *start.sets, epochs=30)
    _, *lines = capsys.readouterr().out.splitlines()
    assert [line.split()[-1] for line in lines] == ["-", *["5000.000", "2000.000"] * 5]


def test_a_learning_rate_a_tenth_as_large_learns_more_slowly(digits):
    usual, small = digits(), digits()
    history = nn.train(usual.params, *usual.sets, epochs=300)
    slower = nn.train(small.params, *small.sets, lr=nn.LR / 10, epochs=300)
    assert slower.train_loss[-1] > 1.5 * history.train_loss[-1]


def test_a_learning_rate_a_hundred_times_larger_saturates_the_sigmoids(digits):
    start = digits()
    X_train, _, _, _ = start.sets
    history = nn.train(start.params, *start.sets, lr=100 * nn.LR, epochs=300)
    _, A2 = nn.forward(start.params, X_train)
    assert history.test_accuracy[-1] < 0.3
    assert np.median(nn.sigmoid_derivative(A2)) < 0.001


@pytest.mark.parametrize("lr", [1e38, 1e300])
def test_a_loss_that_is_no_number_stops_the_training_and_names_the_epoch_and_lr(digits, lr):
    start = digits()
    message = re.escape(f"After epoch 1 the loss is not a number any more: lower --lr, now {lr:g}")
    with pytest.raises(FloatingPointError, match=f"^{message}$"):
        nn.train(start.params, *start.sets, lr=lr, epochs=10)


def test_a_loss_of_the_test_images_alone_that_is_no_number_stops_the_training_too(digits):
    start = digits()
    X_train, Y_train, X_test, Y_test = start.sets
    with pytest.raises(FloatingPointError, match=r"^After epoch 0 the loss is not a number any more"):
        nn.train(start.params, X_train, Y_train, X_test * np.float32("nan"), Y_test, epochs=1)


def test_the_learning_rate_that_was_too_large_is_named_in_six_digits(digits):
    start = digits()
    with pytest.raises(FloatingPointError, match=r"lower --lr, now 1\.23457e\+38$"):
        nn.train(start.params, *start.sets, lr=1.23456789e38, epochs=10)


@pytest.mark.parametrize("lr", [1, 1e6, 1e20, 1e30])
def test_a_learning_rate_far_too_large_learns_nothing_but_does_not_warn(digits, lr):
    start = digits()
    history = nn.train(start.params, *start.sets, lr=lr, epochs=10)
    assert history.test_accuracy[-1] < 0.3


@pytest.mark.parametrize("calls", range(12))
@pytest.mark.parametrize("where", ["forward", "backward", "loss", "accuracy"])
def test_ctrl_c_anywhere_in_an_epoch_keeps_whole_epochs_and_the_network_as_it_is(
    digits, monkeypatch, capsys, where, calls
):
    """Interrupt the given function after it was called so many times: 12 calls are three epochs or more."""
    start, usual, left = digits(), getattr(nn, where), [calls]

    def interrupted(*arguments):
        left[0] -= 1
        if left[0] == -1:
            raise KeyboardInterrupt
        return usual(*arguments)

    monkeypatch.setattr(nn, where, interrupted)
    history = nn.train(start.params, *start.sets, epochs=100)
    monkeypatch.undo()
    epochs = len(history.epoch_seconds)
    assert [len(curve) for curve in history] == [epochs + 1] * 4 + [epochs]
    assert epochs == calls // {"forward": 2, "backward": 1, "loss": 2, "accuracy": 2}[where]
    printed = capsys.readouterr().out.splitlines()
    assert f"Stopped by Ctrl-C in epoch {epochs + 1} of 100; what was learned so far is kept." in printed
    assert printed[-1].split()[0] == str(epochs)
    X_train, Y_train, X_test, _ = start.sets
    assert history.train_loss[-1] == nn.loss(nn.forward(start.params, X_train)[1], Y_train)
    assert history.test_accuracy[-1] == nn.accuracy(nn.forward(start.params, X_test)[1], start.y_test)


def test_ctrl_c_while_a_line_is_printed_keeps_whole_epochs_too(digits, monkeypatch, capsys):
    lines = []

    def interrupted(line):
        lines.append(line)
        if len(lines) == 4:  # the header, epochs 0 and 2, and now epoch 4
            raise KeyboardInterrupt
        print(line)

    monkeypatch.setattr(nn, "print", interrupted, raising=False)
    start = digits()
    history = nn.train(start.params, *start.sets, epochs=20)
    assert [len(curve) for curve in history] == [5, 5, 5, 5, 4]
    printed = capsys.readouterr().out.splitlines()
    assert printed[-2] == "Stopped by Ctrl-C in epoch 5 of 20; what was learned so far is kept."
    assert printed[-1].split()[0] == "4"
    assert history.train_loss[-1] == nn.loss(nn.forward(start.params, start.sets[0])[1], start.sets[1])


def final_accuracy(start):
    """Train a prepared network with the defaults, in a process of its own, and return its test accuracy."""
    return nn.train(start.params, *start.sets).test_accuracy[-1]


def test_eight_seeds_reach_95_percent_each_and_96_5_percent_on_average(digits):
    with ProcessPoolExecutor(2) as pool:
        marks = list(pool.map(final_accuracy, [digits(seed) for seed in range(8)]))
    assert min(marks) >= 0.95
    assert np.mean(marks) >= 0.965
