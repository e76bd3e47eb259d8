"""Make the pictures of the README from the program's own functions.

python tests/pictures.py            all three, in .github/, in about a minute
python tests/pictures.py learning   one of them: learning, panels or play

Use the newest Matplotlib and Pillow: with older ones, learning.gif is larger than 1 MB.
"""

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import neural_net_digits as nn  # before NumPy: it sets how many threads NumPy uses

import matplotlib.pyplot as plt  # isort: skip
import numpy as np  # isort: skip
from matplotlib.animation import PillowWriter  # isort: skip

FOLDER = Path(__file__).resolve().parents[1] / ".github"

# After how many steps each frame of the moving picture shows the network. Most of the digits are
# learned between the steps 100 and 700: this part is slow. Start and end stand still.
STEPS = [0, 0, 0, 0, 1, 2, 3, 5, 8, 13, 20, 32, 50, 75, *range(100, 700, 20)]
STEPS += [700, 750, 800, 900, 1000, 1300, 1800, 2500, 3500, 4800, *[nn.EPOCHS] * 18]
FRAMES_PER_SECOND = 7
ORANGE = 1, 0.62, 0.2  # red, green, blue: light enough for black ink
COLUMNS = 21  # two rows have room for 42 images: there are 42 test images of a 7


def save_learning(path):
    """Save a moving picture of the test images and the losses while the network learns."""
    learned = nn.learn_digits(epochs=0)  # the images, and a network that has learned nothing
    X_train = nn.standardize(learned.images_train, learned.mean, learned.std)
    X_test = nn.standardize(learned.images_test, learned.mean, learned.std)
    Y_train = nn.one_hot(learned.y_train)
    Y_test = nn.one_hot(learned.y_test)
    rows = []  # what was measured
    figure = plt.Figure(figsize=(8, 10.6))  # in inches of 100 screen pixels
    writer = PillowWriter(FRAMES_PER_SECOND)
    with writer.saving(figure, path, dpi=100):
        for before, now in zip([0, *STEPS], STEPS):
            for _ in range(before, now):
                nn.step(learned.params, X_train, Y_train, nn.LR)
            rows.append([now, *nn.measure(learned.params, X_train, Y_train, X_test, Y_test)])
            figure.clear()
            draw_test_images(figure, learned, now)
            draw_losses(figure, rows)
            writer.grab_frame()
    print(f"Picture saved to {path}")


def draw_test_images(figure, learned, now):
    """Draw all test images, two rows for each digit; wrong answers on orange."""
    images, y = learned.images_test, learned.y_test
    _, A2 = nn.read_images(learned, images)
    is_right = A2.argmax(axis=1) == y
    page = np.ones((10 * 20, COLUMNS * 9, 3))  # white; 9: 8 pixels and a gap
    ax = figure.add_axes([0.055, 0.181, 0.945, 0.755])  # each pixel: 4 x 4 screen pixels
    ax.set_axis_off()
    for digit in range(10):
        ax.text(-3, 20 * digit + 8, digit, fontsize=24, ha="right", va="center")
        for place, i in enumerate(np.flatnonzero(y == digit)):
            row, column = divmod(place, COLUMNS)
            top, left = 20 * digit + 9 * row, 9 * column
            paper = np.where(is_right[i], 1, ORANGE)
            ink = images[i].reshape(8, 8, 1) / 16
            page[top : top + 8, left : left + 8] = paper * (1 - ink)
    ax.imshow(page, aspect="auto", interpolation="nearest")
    title = f"step {now}: {is_right.sum()} of {len(y)} right"
    figure.text(0.055, 0.967, title, fontsize=26, va="center")
    box = {"facecolor": ORANGE, "edgecolor": "none"}
    wrong = f"{(~is_right).sum()} wrong"
    figure.text(0.98, 0.967, wrong, fontsize=26, ha="right", va="center", bbox=box)


def draw_losses(figure, rows):
    """Draw both losses up to now."""
    steps, train_loss, test_loss, _, _ = np.transpose(rows)
    ax = figure.add_axes([0.11, 0.047, 0.86, 0.118])
    ax.plot(steps, train_loss, color=nn.BLUE, linewidth=4)
    ax.plot(steps, test_loss, "--", color=nn.BROWN, linewidth=4)
    ax.text(0.1, 0.04, "test loss", fontsize=20, color=nn.BROWN)
    ax.text(0.1, 0.012, "training loss", fontsize=20, color=nn.BLUE)
    ax.set_xscale("symlog", linthresh=1)  # as the logarithm, but with a place for 0
    ax.set(yscale="log", xlim=(0, 1.1 * nn.EPOCHS), ylim=(0.008, 1.6))
    ax.set_xticks([0, 1, 10, 100, 1000], ["0", "1", "10", "100", "step 1000"], fontsize=17)
    ax.set_yticks([0.01, 0.1, 1], ["0.01", "0.1", "1"], fontsize=17)


def main():
    """Make all pictures, or the one that the command line names."""
    parser = argparse.ArgumentParser(description="Make the pictures of the README.")
    parser.add_argument("name", nargs="?", choices=["learning", "panels", "play"])
    name = parser.parse_args().name
    if name in (None, "learning"):
        save_learning(FOLDER / "learning.gif")
    if name in (None, "panels", "play"):
        learned = nn.learn_digits()
    if name in (None, "panels"):
        nn.save_picture(nn.draw_learned, learned, FOLDER / "neural_net_digits.png")
    if name in (None, "play"):
        nn.save_picture(nn.Playground, learned, FOLDER / "play.png")


if __name__ == "__main__":
    main()
