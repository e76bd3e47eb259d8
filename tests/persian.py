"""Keep .github/fa.md, the chapter in Persian, beside the English chapter.

python tests/persian.py    write the diagrams, examples and code of the chapter into their places

Each Persian paragraph follows a comment with its number and a hash of the English paragraph that it
tells. When the English changes, the hash does not fit any more: `stale` names the paragraph.
"""

import hashlib
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PERSIAN = ROOT / ".github" / "fa.md"
DIGITS = str.maketrans("۰۱۲۳۴۵۶۷۸۹٫", "0123456789.")
BLOCK = '<div dir="ltr">\n\n```{}\n{}\n```\n\n</div>'
COMMENT = re.compile(r"<!-- (\S+) ([0-9a-f]{8}) -->\n")


def read_english():
    """Return the chapter without section 11: [kind, text] for text, block or code, in order."""
    script = (ROOT / "neural_net_digits.py").read_text(encoding="utf-8")
    pieces = []
    for cell in f"\n{script}".partition("\n# ## 11.")[0].split("\n# %%")[1:]:
        title, _, body = cell.partition("\n")
        if "[markdown]" not in title:
            pieces.append(["code", body.strip("\n")])
            continue
        kind = ""  # of the line before
        for line in body.splitlines():
            line = line[2:]
            before, kind = kind, "block" if line.startswith("    ") else "text" if line else ""
            if kind == "block" and pieces[-1][0] == "block":  # also after an empty line
                pieces[-1][1] += "\n" + ("" if before else "\n") + line
            elif kind and (kind != before or re.match(r"#+ |- |\d\. ", line)):
                pieces.append([kind, line])
            elif kind:
                pieces[-1][1] += "\n" + line
            if line.startswith("#"):
                kind = ""  # a heading has one line
    return pieces


def number_and_hash(pieces):
    """Return the pieces as (number, hash, kind, text); the number is section.paragraph."""
    section, paragraph, result = 0, 0, []
    for kind, text in pieces:
        if heading := re.match(r"## (\d+)", text):
            section, paragraph = int(heading[1]), 0
        if kind == "text":
            paragraph += 1
        words = " ".join(text.split())  # however the lines are wrapped
        digest = hashlib.sha256(words.encode()).hexdigest()[:8]
        result.append((f"{section}.{paragraph}", digest, kind, text))
    return result


def read_persian():
    """Return the Persian paragraphs: a dict from the hash of the English to the text."""
    _, *parts = COMMENT.split(PERSIAN.read_text(encoding="utf-8"))
    texts = [re.split(r"\n\n<", text)[0].strip() for text in parts[2::3]]
    return dict(zip(parts[1::3], texts))


def facts(text):
    """Return what a translation must keep: the code spans, and the numbers of several digits."""
    text = re.sub(r'<code dir="ltr">(.*?)</code>', r"`\1`", text)
    spans = re.findall("`(.+?)`", text)
    plain = re.sub("`.+?`", "", text).translate(DIGITS).replace(",", "").replace("٬", "")
    return sorted(set(spans)), sorted(set(re.findall(r"\d+\.\d+|\d\d+", plain)))


def compare():
    """Return a line for each paragraph that is missing, stale, or has other numbers or code."""
    persian = read_persian()
    lines = []
    for number, digest, kind, english in number_and_hash(read_english()):
        if kind == "text" and digest not in persian:
            lines.append(f"{number} {digest}: no Persian for: {english}")
        elif kind == "text" and facts(english) != facts(persian[digest]):
            lines.append(f"{number}: {facts(english)} became {facts(persian[digest])}")
    return lines


def build():
    """Return fa.md with the Persian paragraphs that are there, and all blocks and code."""
    persian = read_persian()
    introduction = PERSIAN.read_text(encoding="utf-8").partition("<!-- ")[0].strip()
    parts = [introduction]
    for number, digest, kind, text in number_and_hash(read_english()):
        if kind == "text":
            # Without a hash it counts as missing, and stands there in English.
            name = f"{number} {digest}" if digest in persian else number
            parts.append(f"<!-- {name} -->\n{persian.get(digest, text)}")
        else:
            language = "python" if kind == "code" or ">>>" in text else ""
            lines = text.splitlines()
            indent = min(len(line) - len(line.lstrip()) for line in lines if line.strip())
            block = "\n".join(line[indent:] for line in lines)
            parts.append(BLOCK.format(language, block))
    return "\n\n".join(parts) + "\n\n</div>\n"


if __name__ == "__main__":
    PERSIAN.write_text(build(), encoding="utf-8")
    problems = compare()
    print("\n".join(problems) or "Each paragraph of the chapter is told in Persian.")
    sys.exit(1 if problems else 0)
