"""--play: what the mouse and the keys do, sent as Matplotlib sends them."""

import gc
import shutil
import subprocess

import matplotlib.pyplot as plt
import numpy as np
import pytest
from conftest import check_that_all_can_be_read, run
from matplotlib.backend_bases import KeyEvent, MouseEvent
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgba
from numpy.testing import assert_allclose, assert_array_equal

import neural_net_digits as nn

LEFT, MIDDLE, RIGHT = 1, 2, 3  # Matplotlib's numbers of the mouse buttons


@pytest.fixture
def game(learned):
    """Return a playground in a figure of its own."""
    figure = plt.figure(figsize=(12, 6.4))
    yield nn.Playground(figure, learned)
    plt.close(figure)


def send(game, event):
    """Send an event to the figure, and check that it shows what forward says about the image."""
    game.canvas.callbacks.process(event.name, event)
    learned, W2 = game.learned, game.learned.params.W2
    A1, A2 = nn.forward(learned.params, nn.standardize(game.image, learned.mean, learned.std))
    answer, drawn = A2.argmax(), game.drawn
    assert 0 <= game.image.min() <= game.image.max() <= 16
    assert_array_equal(game.pixels.get_array().ravel(), game.image)
    is_as_it_was = np.array_equal(game.image, learned.images_test[game.index])
    name = f"Label: {learned.y_test[game.index]}." if is_as_it_was else "Your image."
    assert game.words.get_text() == f"{name} Answer: {answer} (its output: {A2[answer]:.2f})."
    ink = nn.ink_weights(learned)[drawn]
    limit = np.percentile(np.abs(nn.ink_weights(learned)), 90)
    tiles = [tile.get_array().ravel() for tile in game.tiles]
    assert_allclose(tiles, A1[drawn, None] * np.clip(ink / limit, -1, 1), atol=1e-5)
    lengths = [end[0] - start[0] for start, end in game.bars.get_segments()]
    assert_allclose(lengths, A1[drawn], atol=1e-5)
    products = A1 * W2[:, answer]
    assert_allclose(np.sort(-abs(products[drawn])), np.sort(-abs(products))[:16], 1e-5)
    widths = 6 * np.abs(products[drawn]) / np.abs(W2).max()
    assert_allclose(game.lines.get_linewidth(), widths, atol=1e-4)
    colours = [to_rgba("firebrick" if product > 0 else "steelblue") for product in products[drawn]]
    assert_array_equal(game.lines.get_color(), colours)
    assert {end[1] for _, end in game.lines.get_segments()} == {1.6 * answer + 0.8}
    assert_allclose([end[0] for _, end in game.outputs.get_segments()], A2, atol=1e-5)
    shades = [tuple(colour) for colour in game.outputs.get_color()]
    assert [shades.count(shade) for shade in shades].index(1) == answer
    images = np.tile(game.image, (64, 1))
    for i in range(64):
        images[i, i] = 16 if images[i, i] < 8 else 0
    new_answers = nn.read_images(learned, images)[1].argmax(axis=1)
    for text, new_answer in zip(game.flips, new_answers):
        is_seen = game.pen is None and new_answer != answer
        assert text.get_text() == (str(new_answer) if is_seen else "")


def press(game, key):
    """Press a key."""
    send(game, KeyEvent("key_press_event", game.canvas, key))


def drag(game, button, *places, ax=0):
    """Press a button at the first of the places (there in this panel), move, and release it."""
    for i, place in enumerate([*places, places[-1]]):
        name = {0: "button_press", len(places): "button_release"}.get(i, "motion_notify")
        panel = game.canvas.figure.axes[ax if i == 0 else 0]
        x, y = panel.transData.transform(place)
        send(game, MouseEvent(f"{name}_event", game.canvas, x, y, button))


def test_it_begins_with_the_wrong_answer_that_has_the_largest_output(game, learned):
    _, A2 = nn.read_images(learned, learned.images_test)
    wrong = A2.argmax(axis=1) != learned.y_test
    assert game.index == np.where(wrong, A2.max(axis=1), 0).argmax()
    assert_array_equal(game.image, learned.images_test[game.index])


@pytest.mark.parametrize("way", [[(1.5, 2.1), (6.6, 5.4)], [(4.5, 4.5), (11.7, 4.5), (5.2, 9.1)]])
def test_a_stroke_leaves_the_same_ink_at_any_speed_of_the_hand(game, way):
    images = []
    for n_events in (1, 7, 200):
        press(game, "e")
        parts = [np.linspace(a, b, n_events + 1)[1:] for a, b in zip(way, way[1:])]
        drag(game, LEFT, way[0], *np.concatenate(parts))
        images.append(game.image)
    assert images[0].max() > 12
    assert_allclose(images[1:], [images[0]] * 2, atol=1)  # it differs a little at a corner


def test_a_click_leaves_a_dot_and_the_right_button_takes_it_away(game):
    press(game, "e")
    drag(game, LEFT, (2.5, 3.5))
    image = game.image.reshape(8, 8)
    assert image[3, 2] == image.max() == 7
    assert image[3, 2] > image[3, 1] > image[3, 0]  # less ink further away
    drag(game, RIGHT, (2.5, 3.5))
    assert game.image.max() == 0


@pytest.mark.parametrize("button", [LEFT, RIGHT])
def test_only_a_drag_that_begins_on_the_image_paints(game, button):
    before = game.image
    drag(game, button, (0.5, 3), (4, 4), ax=2)  # begins on the outputs
    drag(game, MIDDLE, (3, 3), (4, 4))
    x, y = game.pixels.axes.transData.transform((4, 4))
    send(game, MouseEvent("motion_notify_event", game.canvas, x, y))  # no button is pressed
    assert_array_equal(game.image, before)


@pytest.mark.parametrize("keys", ["0", "9", "۳۳3", ["left", "right", "up", "down"]])
def test_a_digit_of_any_script_or_an_arrow_brings_one_of_its_images_after_the_other(game, keys):
    labels = game.learned.y_test
    answers = nn.read_images(game.learned, game.learned.images_test)[1].argmax(axis=1)
    its_images = labels == int(keys[0]) if isinstance(keys, str) else answers != labels
    seen = set()
    for i in range(its_images.sum()):
        press(game, keys[i % len(keys)])
        assert_array_equal(game.image, game.learned.images_test[game.index])
        seen.add(game.index)
    assert seen == set(np.flatnonzero(its_images))


@pytest.mark.parametrize("keys", ["eu", "EU", ("delete", "escape"), ("backspace", "escape")])
def test_a_key_empties_the_image_and_another_one_brings_it_back(game, keys):
    index, original = game.index, game.image
    drag(game, LEFT, (3, 3), (5, 5))
    press(game, keys[0])
    assert game.image.max() == 0
    press(game, keys[1])
    assert_array_equal(game.image, original)
    assert game.index == index


@pytest.mark.parametrize("key", ["x", "shift", "ctrl+z", "f", "s", "q", "10", "", None, "ث", "²"])
def test_another_key_changes_nothing(game, key):
    drag(game, LEFT, (3, 3), (5, 5))
    before = game.image, game.index
    press(game, key)
    assert_array_equal(game.image, before[0])
    assert game.index == before[1]


def test_the_window_lives_on_though_the_program_keeps_no_playground(learned):
    figure = plt.figure()
    nn.Playground(figure, learned)
    gc.collect()
    figure.canvas.callbacks.process("key_press_event", KeyEvent("", figure.canvas, "e"))
    assert figure.axes[0].collections[0].get_array().max() == 0  # emptied by the key
    plt.close(figure)


def test_a_network_without_a_wrong_answer_can_be_played_with(learned):
    answers = nn.read_images(learned, learned.images_test)[1].argmax(axis=1)
    game = nn.Playground(plt.figure(), learned._replace(y_test=answers))
    press(game, "right")
    assert_array_equal(game.image, learned.images_test[0])
    plt.close(game.canvas.figure)


@pytest.mark.parametrize("hidden", [1, 2, 40])
def test_with_any_number_of_hidden_neurons_those_that_stay_keep_their_places(hidden):
    game = nn.Playground(plt.figure(), nn.learn_digits(hidden, epochs=50))
    assert len(game.drawn) == min(hidden, 16)
    for key in "0123456789e":
        before = game.drawn.copy()
        press(game, key)
        stay = np.isin(before, game.drawn)
        assert_array_equal(before[stay], game.drawn[stay])
    plt.close(game.canvas.figure)


def test_each_neuron_and_each_output_has_a_place_and_each_key_a_word(game):
    image, hidden, outputs = game.canvas.figure.axes
    boxes = [tile.get_datalim(hidden.transData) for tile in game.tiles]
    answer = nn.read_images(game.learned, game.image)[1].argmax()
    height = outputs.transData.transform((0, answer))[1]  # in dots of the screen, as below
    for box, bar, line in zip(boxes, game.bars.get_segments(), game.lines.get_segments()):
        assert 0 < box.x0 < box.x1 < bar[0, 0] < bar[0, 0] + 1 < line[0, 0] < 9.5
        assert box.y0 < bar[0, 1] == line[0, 1] < box.y1
        assert hidden.transData.transform(line[1])[1] == pytest.approx(height, abs=2)
    assert all(one.y1 < other.y0 for one, other in zip(boxes, boxes[1:]))
    web = sorted({tuple(end) for _, end in hidden.collections[1].get_segments()})
    assert_allclose(web, [(9.5, 1.6 * output + 0.8) for output in range(10)])
    for i, text in enumerate(game.flips):
        assert text.get_position() == (i % 8 + 0.5, i // 8 + 0.5)
    assert boxes[-1].y1 < hidden.get_ylim()[0] < 17
    assert (outputs.get_xlim(), outputs.get_ylim()) == ((0, 1), (9.5, -0.5))
    assert [label.get_text() for label in outputs.get_yticklabels()] == list("0123456789")
    words = " ".join(text.get_text() for ax in (image, hidden) for text in ax.texts)
    for word in (
        "left button: ink",
        "0-9",
        "arrow",
        "e or Del",
        "u or Esc",
        "q: end",
        "red raises",
    ):
        assert word in words


@pytest.mark.parametrize("size", [(12, 6.4), (10, 5.3)])
@pytest.mark.parametrize("key", ["8", "e"])
def test_no_text_is_cut_off_or_covered(game, size, key):
    game.canvas.figure.set_size_inches(size)
    press(game, key)
    check_that_all_can_be_read(game.canvas.figure)


@pytest.mark.parametrize("can_blit", [True, False])
@pytest.mark.parametrize("size", [(12, 6.4), (7, 3)])
def test_what_is_seen_is_a_complete_drawing(monkeypatch, learned, can_blit, size, tmp_path):
    monkeypatch.setattr(FigureCanvasAgg, "supports_blit", can_blit)
    game = nn.Playground(plt.figure(), learned)
    game.canvas.figure.set_size_inches(size)
    game.canvas.draw()
    for ending in ("png", "svg"):
        press(game, "u")
        game.canvas.figure.savefig(tmp_path / f"picture.{ending}", dpi=200)
        press(game, "e")
        seen = np.array(game.canvas.buffer_rgba())
        game.canvas.draw()
        assert_array_equal(seen, game.canvas.buffer_rgba())
    game.canvas.figure.savefig(tmp_path / "picture.png", dpi=game.canvas.figure.dpi)
    difference = np.abs(plt.imread(tmp_path / "picture.png") - seen / 255)
    assert (difference > 0.01).mean() < 0.01  # the file has all of it
    plt.close(game.canvas.figure)


WINDOW = """
import neural_net_digits as nn
def show(show=nn.plt.show):
    manager = nn.plt.get_current_fig_manager()
    close = (manager.window.after_idle, nn.plt.close)  # as a user does, when all is drawn
    manager.window.after(1000, *close)
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
            status, out, err = run(
                "-c", WINDOW, folder=tmp_path, DISPLAY=screen, MPLBACKEND="TkAgg"
            )
        finally:
            server.terminate()
    assert (status, err) == (0, "")
    ends = [line for line in out.splitlines() if line.startswith(("Picture", "shown"))]
    assert ends == ["Picture saved to neural_net_digits.png", "shown: FigureManagerTk"] * 2
    assert out.count("Close the window") == out.count("maximize it") == 2
