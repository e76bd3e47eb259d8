"""Playing with the network: events as Matplotlib sends them change the image, and the outputs follow."""

import os
import shutil
import subprocess
import sys

import matplotlib.pyplot as plt
import numpy as np
import pytest
from conftest import SCRIPT, surroundings
from matplotlib.backend_bases import KeyEvent, MouseButton, MouseEvent, NavigationToolbar2

import neural_net_digits as nn


@pytest.fixture(scope="module")
def learned():
    """Return a network that was trained long enough to make some mistakes and not too many."""
    return nn.learn_digits(epochs=1000)


@pytest.fixture
def game(learned):
    """Open a playground, as drawn."""
    figure = plt.figure(figsize=(13, 5.5))
    playground = nn.Playground(figure, learned)
    figure.canvas.draw()
    yield playground
    plt.close(figure)


def mouse(game, name, x, y, button=None, ax=0):
    """Send a mouse event at x, y in data coordinates of one of the axes."""
    place = game.figure.axes[ax].transData.transform((x, y))
    event = MouseEvent(f"{name}_event", game.figure.canvas, *place, button)
    game.figure.canvas.callbacks.process(event.name, event)


def drag(game, button, *places, start=None):
    """Press a button at the first place (or where start says), move over the others, and release."""
    mouse(game, "button_press", *places[0], button, **(start or {}))
    for place in places[1:]:
        mouse(game, "motion_notify", *place)
    mouse(game, "button_release", *places[-1], button)


def press(game, key):
    """Send a key."""
    event = KeyEvent("key_press_event", game.figure.canvas, key)
    game.figure.canvas.callbacks.process(event.name, event)


def outputs_of(learned, image):
    """Return the ten outputs as section 9 computes them."""
    return nn.forward(learned.params, nn.standardize(learned.images_train, image)[1])[1]


def assert_tells_the_truth(game, learned):
    """Check that the panels and the title show what the network makes of the image."""
    A2 = outputs_of(learned, game.image)
    drawn = [bar.get_height() for bar in game.figure.axes[2].patches]
    np.testing.assert_allclose(drawn, A2, rtol=1e-5)
    colours = [bar.get_facecolor() for bar in game.figure.axes[2].patches]
    assert [colours.count(colour) for colour in colours][
        A2.argmax()
    ] == 1  # only the largest differs
    shown = game.figure.axes[0].images[0].get_array()
    np.testing.assert_array_equal(np.ravel(shown), game.image)
    title = game.title.get_text()
    assert f"label {learned.y_test[game.index]}" in title
    assert f"answers {A2.argmax()}, " in title
    original = np.array_equal(game.image, learned.images_test[game.index])
    assert ("changed" in title) == (not original)
    assert (game.image.min() >= 0, game.image.max() <= 16) == (True, True)


def test_it_begins_with_the_mistake_of_the_largest_output(game, learned):
    A2 = outputs_of(learned, learned.images_test)
    wrong = np.flatnonzero(A2.argmax(axis=1) != learned.y_test)
    assert game.index == wrong[A2[wrong].max(axis=1).argmax()]
    assert [ax.get_ylim() for ax in game.figure.axes[1:]] == [(0, 1), (0, 1)]
    assert_tells_the_truth(game, learned)


def test_the_left_button_adds_ink_at_the_pointer_and_the_right_one_takes_it_away(game, learned):
    press(game, "e")
    drag(game, MouseButton.LEFT, (2, 3), (2, 4))
    image = game.image.reshape(8, 8)
    assert image[3, 2] > image[3, 1] > image[3, 0]  # softly: less ink further away
    assert image[4, 2] > 5
    assert image[:, 5:].max() < 0.1
    assert_tells_the_truth(game, learned)
    drag(game, MouseButton.RIGHT, *[(2, 3), (2, 4)] * 20)
    assert game.image.max() < 1
    drag(game, MouseButton.LEFT, *[(7, 7)] * 20)
    assert game.image[63] == 16
    assert_tells_the_truth(game, learned)


@pytest.mark.parametrize("button", [MouseButton.LEFT, MouseButton.RIGHT])
def test_only_a_drag_that_begins_in_the_image_paints_and_only_inside_it(game, learned, button):
    before = game.image
    drag(game, button, (3, 3), (4, 4), start={"ax": 2})  # begins in the panel of the outputs
    mouse(game, "motion_notify", 3, 3)  # no button is pressed
    mouse(game, "button_press", 3, 3, MouseButton.MIDDLE)
    mouse(game, "button_release", 3, 3, MouseButton.MIDDLE)
    np.testing.assert_array_equal(game.image, before)
    drag(game, button, (3, 3), (30, 3), (3, 4))  # leaves the image and comes back
    assert not np.array_equal(game.image, before)
    after = game.image
    mouse(game, "motion_notify", 4, 4)  # after the release
    np.testing.assert_array_equal(game.image, after)
    assert_tells_the_truth(game, learned)


def test_zooming_with_the_toolbar_does_not_paint(game):
    before = game.image
    NavigationToolbar2(game.figure.canvas).zoom()
    drag(game, MouseButton.LEFT, (3, 3), (4, 4))
    np.testing.assert_array_equal(game.image, before)


def test_keys_bring_images_empty_the_image_and_undo(game, learned):
    for digit in "0123456789":
        seen = set()
        for _ in range(1 + np.count_nonzero(learned.y_test == int(digit))):
            press(game, digit)
            assert learned.y_test[game.index] == int(digit)
            seen.add(game.index)
        assert len(seen) == np.count_nonzero(learned.y_test == int(digit))
    for key in ("right", "left", "up", "down"):
        press(game, key)
        assert outputs_of(learned, game.image).argmax() != learned.y_test[game.index]
        assert_tells_the_truth(game, learned)
    drag(game, MouseButton.LEFT, (3, 3))
    press(game, "u")
    np.testing.assert_array_equal(game.image, learned.images_test[game.index])
    press(game, "e")
    assert game.image.max() == 0
    assert_tells_the_truth(game, learned)


@pytest.mark.parametrize("key", ["x", "shift", "ctrl+z", "f", "s", "o", "q", None, "ä"])
def test_an_unknown_key_or_one_of_the_window_changes_nothing(game, key):
    before, index = game.image, game.index
    press(game, key)
    np.testing.assert_array_equal(game.image, before)
    assert game.index == index


def test_escape_ends_it(game):
    press(game, "escape")
    assert not plt.fignum_exists(game.figure.number)


def test_painting_changes_no_image_of_the_test(game, learned):
    before = learned.images_test.copy()
    drag(game, MouseButton.LEFT, (3, 3), (5, 5))
    np.testing.assert_array_equal(learned.images_test, before)


def test_a_network_without_mistakes_can_be_played_with_too(learned):
    right = outputs_of(learned, learned.images_test).argmax(axis=1)
    figure = plt.figure()
    game = nn.Playground(figure, learned._replace(y_test=right))
    press(game, "right")
    assert game.index == 0
    plt.close(figure)


def test_the_figure_is_drawn_complete_also_after_its_size_was_changed(game):
    def inked():
        return (np.asarray(game.figure.canvas.buffer_rgba())[..., :3] < 50).mean()

    before = inked()
    game.figure.set_size_inches(6, 3)
    game.figure.canvas.draw()
    assert inked() == pytest.approx(before, rel=0.5)
    press(game, "e")
    assert inked() < 0.9 * before


WINDOW = """
import neural_net_digits as nn

class Visitor(nn.Playground):
    def on_draw(self, event=None):
        super().on_draw(event)
        if event is not None:  # the window has been drawn: play, and go
            self.update(0 * self.image)
            print("in a window:", type(self.figure.canvas.manager).__name__, self.image.max())
            nn.plt.close(self.figure)

nn.Playground = Visitor
nn.main(["--play", "--epochs", "300"])
"""


@pytest.mark.skipif(not shutil.which("Xvfb"), reason="needs a virtual screen, Xvfb")
def test_in_a_real_window_on_a_virtual_screen_it_opens_after_the_picture_and_ends(tmp_path):
    pytest.importorskip("tkinter")
    screen = subprocess.Popen(
        ["Xvfb", "-displayfd", "1"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    try:
        display = f":{int(screen.stdout.readline())}"
        environment = surroundings(
            DISPLAY=display, MPLBACKEND="TkAgg", PYTHONPATH=os.path.dirname(SCRIPT), PYTHONUTF8="1"
        )
        done = subprocess.run(
            [sys.executable, "-c", WINDOW],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
        )
    finally:
        screen.kill()
        screen.wait()
        screen.stdout.close()
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-2:] == [
        "Picture saved to neural_net_digits.png",
        "in a window: FigureManagerTk 0.0",
    ]
