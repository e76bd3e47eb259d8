"""--play: what the mouse and the keys do, sent as Matplotlib sends them."""

import re
import shutil
import subprocess

import matplotlib.pyplot as plt
import numpy as np
import pytest
from conftest import check_that_all_can_be_read, run
from matplotlib.backend_bases import KeyEvent, MouseEvent, NavigationToolbar2
from numpy.testing import assert_allclose, assert_array_equal

import neural_net_digits as nn

LEFT, MIDDLE, RIGHT = 1, 2, 3  # Matplotlib's numbers of the mouse buttons


@pytest.fixture
def game(learned):
    """Return a playground in a figure of its own."""
    figure = plt.figure(figsize=(13, 5))
    yield nn.Playground(figure, learned)
    plt.close(figure)


def send(game, event):
    """Send an event to the figure, and check that it shows what the network makes of the image."""
    game.canvas.callbacks.process(event.name, event)
    image_ax, hidden_ax, output_ax = game.canvas.figure.axes
    _, x = nn.standardize(game.learned.images_train, game.image)
    A1, A2 = nn.forward(game.learned.params, x)
    assert_array_equal(image_ax.images[0].get_array().ravel(), game.image)
    assert_allclose(hidden_ax.patches[0].get_data().values, A1, rtol=1e-5)
    assert_allclose([bar.get_height() for bar in output_ax.patches], A2, rtol=1e-5)
    colours = [bar.get_facecolor() for bar in output_ax.patches]
    assert [colours.count(colour) for colour in colours].index(1) == A2.argmax()
    label = f"abel: {game.learned.y_test[game.index]}. The network's answer: {A2.argmax()}."
    is_as_it_was = np.array_equal(game.image, game.learned.images_test[game.index])
    assert image_ax.get_title() == ("L" if is_as_it_was else "Old l") + label
    assert 0 <= game.image.min() <= game.image.max() <= 16


def press(game, key):
    """Press a key."""
    send(game, KeyEvent("key_press_event", game.canvas, key))


def drag(game, button, *places, start_ax=0):
    """Press a button at the first of the places, move to the others, and release it."""
    for i, place in enumerate([*places, places[-1]]):
        name = {0: "button_press", len(places): "button_release"}.get(i, "motion_notify")
        ax = game.canvas.figure.axes[start_ax if i == 0 else 0]
        x, y = ax.transData.transform(place)
        send(game, MouseEvent(f"{name}_event", game.canvas, x, y, button))


def test_it_begins_with_the_wrong_answer_that_has_the_largest_output(game, learned):
    check_that_all_can_be_read(game.canvas.figure)
    _, A2 = nn.forward(learned.params, learned.X_test)
    wrong = A2.argmax(axis=1) != learned.y_test
    assert game.index == np.where(wrong, A2.max(axis=1), 0).argmax()
    assert_array_equal(game.image, learned.images_test[game.index])
    assert all(ax.get_xlabel() for ax in game.canvas.figure.axes)


def test_the_left_button_adds_ink_around_the_pointer_and_the_right_one_takes_it_away(game):
    press(game, "e")
    assert game.image.max() == 0
    drag(game, LEFT, (2, 3), (2, 4))
    image = game.image.reshape(8, 8)
    assert image[3, 2] > image[3, 1] > image[3, 0]  # less ink further away
    assert image[4, 2] > 5
    assert image[:, 5:].max() < 0.1
    drag(game, RIGHT, *[(2, 3), (2, 4)] * 20)
    assert game.image.max() < 1
    drag(game, LEFT, *[(7, 7)] * 20)
    assert game.image[63] == 16


@pytest.mark.parametrize("button", [LEFT, RIGHT])
def test_only_a_drag_that_begins_on_the_image_paints_and_only_there(game, button):
    before = game.image
    drag(game, button, (3, 0.5), (4, 4), start_ax=2)  # begins on the outputs
    drag(game, MIDDLE, (3, 3), (4, 4))
    assert_array_equal(game.image, before)
    drag(game, button, (3, 3), (30, 3), (3, 4))  # leaves the image and comes back
    after = game.image
    assert not np.array_equal(after, before)
    x, y = game.canvas.figure.axes[0].transData.transform((4, 4))
    send(game, MouseEvent("motion_notify_event", game.canvas, x, y))  # after the release
    NavigationToolbar2(game.canvas).zoom()
    drag(game, button, (3, 3), (4, 4))  # zooms
    assert_array_equal(game.image, after)


@pytest.mark.parametrize("key", ["0", "9", "left", "right", "up", "down"])
def test_a_digit_or_an_arrow_brings_one_of_its_images_after_the_other(game, learned, key):
    answers = nn.forward(learned.params, learned.X_test)[1].argmax(axis=1)
    its_images = learned.y_test == int(key) if key.isdigit() else answers != learned.y_test
    seen = set()
    for _ in range(its_images.sum()):
        press(game, key)
        assert_array_equal(game.image, learned.images_test[game.index])
        seen.add(game.index)
    assert seen == set(np.flatnonzero(its_images))


@pytest.mark.parametrize("key", ["x", "shift", "ctrl+z", "f", "s", "o", "q", "10", "", None, "ä"])
def test_another_key_changes_nothing_and_u_takes_back_what_was_painted(game, key):
    original = game.image.copy()
    drag(game, LEFT, (3, 3), (5, 5))
    painted, index = game.image, game.index
    press(game, key)
    assert_array_equal(game.image, painted)
    press(game, "u")
    assert_array_equal(game.image, original)
    assert game.index == index


def test_a_network_without_a_wrong_answer_can_be_played_with(learned):
    answers = nn.forward(learned.params, learned.X_test)[1].argmax(axis=1)
    game = nn.Playground(plt.figure(), learned._replace(y_test=answers))
    press(game, "right")
    assert_array_equal(game.image, learned.images_test[0])
    plt.close(game.canvas.figure)


@pytest.mark.parametrize("size", [(13, 5), (6.5, 2.5)])
def test_what_is_seen_is_a_complete_drawing_in_any_size_and_after_saving(game, size, tmp_path):
    game.canvas.figure.set_size_inches(size)
    game.canvas.draw()
    for ending in ("png", "pdf", "svg"):
        press(game, "u")
        game.canvas.figure.savefig(tmp_path / f"picture.{ending}", dpi=200)
        press(game, "e")  # only what changes is drawn
        seen = np.array(game.canvas.buffer_rgba())
        game.canvas.draw()
        assert_array_equal(seen, game.canvas.buffer_rgba())


def test_keys_of_matplotlib_that_would_spoil_the_panels_do_nothing(monkeypatch, tmp_path):
    def show():
        ax, canvas = plt.gcf().axes[0], plt.gcf().canvas
        toolbar = NavigationToolbar2(canvas)
        toolbar.push_current()
        ax.set_xlim(1, 5)  # as zooming does
        toolbar.push_current()
        for key in ("l", "L", "k", "left", "right", "left", "backspace"):
            event = KeyEvent("key_press_event", canvas, key, *ax.transData.transform((3, 3)))
            canvas.callbacks.process(event.name, event)
            seen.append((key, ax.get_xlim(), ax.get_xscale(), ax.get_yscale()))

    seen = []
    monkeypatch.setattr(nn, "has_window", lambda: True)
    monkeypatch.setattr(plt, "show", show)
    nn.main(["--play", "--epochs", "1", "--output", str(tmp_path / "picture.png")])
    assert {state[1:] for state in seen} == {((1, 5), "linear", "linear")}
    assert plt.get_fignums() == []  # all is closed in the end


WINDOW = """
import neural_net_digits as nn
def show(show=nn.plt.show):
    manager = nn.plt.get_current_fig_manager()
    manager.window.after(1000, nn.plt.close)  # as a user does, a second later
    show()
    print("shown:", type(manager).__name__)
nn.plt.show = show
for flags in ([], ["--play"]): nn.main(["--epochs", "300", *flags])
"""


@pytest.mark.skipif(not shutil.which("Xvfb"), reason="needs a virtual screen, Xvfb")
def test_on_a_screen_a_real_window_opens_after_the_picture_is_saved(tmp_path):
    pytest.importorskip("tkinter")
    with subprocess.Popen(["Xvfb", "-displayfd", "1"], stdout=subprocess.PIPE) as server:
        screen = f":{int(server.stdout.readline())}"
        try:
            done = run("-c", WINDOW, folder=tmp_path, DISPLAY=screen, MPLBACKEND="TkAgg")
        finally:
            server.terminate()
    assert (done.returncode, done.stderr) == (0, "")
    ends = re.findall("(?m)^(?:Picture|shown).*", done.stdout)
    assert ends == ["Picture saved to neural_net_digits.png", "shown: FigureManagerTk"] * 2
