"""Run every command of docs/tutorial.md, write its output into the page, and take the pictures anew.

python scripts/make_tutorial.py [--draws N]

Blocks of TOML that begin with a file's name are written to an empty folder; commands of console blocks run there. A
comment before a block, ``<!-- keep "TEXT" N -->``, keeps N lines from the first that holds TEXT. Pictures of the page
need Chromium or Chrome; without it the old ones stay. Pillow (of the extra `dev`) makes them small. docs/img/page.png, the README's, is one of them.
"""

from __future__ import annotations

import argparse
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

DOCS = Path(__file__).parent.parent / "docs"
PAGE, PICTURES = DOCS / "tutorial.md", DOCS / "img"
BLOCK = re.compile(
    r'(?:<!-- keep "(?P<text>[^"]+)" (?P<lines>\d+) -->\n)```console\n(?P<body>.*?)```', re.DOTALL
)
FILE = re.compile(r"```toml\n# (?P<name>[\w-]+\.toml)\n(?P<text>.*?)```", re.DOTALL)
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-first-run",
         "--disable-background-networking")  # fmt: skip
WIDTH = "110"
ONLY = "main > section {{ display: none }} {0} {{ display: block !important }}"
CARD = ".top, footer, #questions > h2, #questions > .intro, article.claim { display: none } "
SHOTS = {
    "page": ("sino-russian", "", 1000, 1180),
    "tutorial-answers": ("sino-russian", "", 1000, 900),
    "tutorial-card": ("sino-russian", CARD + ONLY.format("#questions, #q-3b"), 1000, 1020),
    "tutorial-matrix": (
        "my-argument",
        ".top, footer { display: none } " + ONLY.format("#readings"),
        1000,
        560,
    ),
}
"""Picture -> the page it is of, the rules that leave only its part, width and height in pixels."""
LARGEST, COLOURS = 1000, 64
FIGURES = {"tutorial-effect": "3b-2", "tutorial-network": "network"}
"""Picture -> the figure it is, of the run with --figures."""


def main() -> None:
    """Write the tutorial and its pictures."""
    words = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    words.add_argument(
        "--draws", type=int, help="futures a scenario, to try it quickly; not for the page as shipped"
    )
    draws = words.parse_args().draws
    text = PAGE.read_text("utf-8")
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        for found in FILE.finditer(text):
            (folder / found["name"]).write_text(found["text"], "utf-8")
        PAGE.write_text(BLOCK.sub(lambda block: rerun(block, folder, draws), text), "utf-8")
        pictures(folder)


def rerun(block: re.Match[str], folder: Path, draws: int | None) -> str:
    """A console block with its commands' output of today."""
    parts = []
    for command in re.findall(r"^\$ (.+)$", block["body"], flags=re.MULTILINE):
        told = kept(run(shlex.split(command), folder, draws), block["text"], int(block["lines"]))
        parts += [f"$ {command}", *told]
    body = "\n".join(parts)
    return f'<!-- keep "{block["text"]}" {block["lines"]} -->\n```console\n{body}\n```'


def run(words: list[str], folder: Path, draws: int | None) -> list[str]:
    """What a `westphalia` command prints, line by line."""
    more = ["--draws", str(draws)] if draws and words[1] in ("run", "why", "compare") else []
    command = [sys.executable, "-m", *words, *more]
    print("$", *words, *more, flush=True)
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, env={**os.environ, "COLUMNS": WIDTH}
    )
    if done.returncode:
        sys.exit(f"{' '.join(words)} failed:\n{done.stderr}")
    return [line.rstrip() for line in done.stdout.strip("\n").splitlines()]


def kept(lines: list[str], text: str, count: int) -> list[str]:
    """`count` lines from the first that holds `text`, with "..." where lines are left out."""
    start = next((place for place, line in enumerate(lines) if text in line), None)
    if start is None:
        sys.exit(f'no line of the output holds "{text}"')
    shown = lines[start : start + count]
    while shown and not shown[-1]:
        shown.pop()
    return ["..."] * (start > 0) + shown + ["..."] * (start + count < len(lines))


def pictures(folder: Path) -> None:
    """Pictures of the pages and copies of figures, into docs/img."""
    PICTURES.mkdir(exist_ok=True)
    for name, figure in FIGURES.items():
        smaller(folder / "out" / "sino-russian" / "figures" / f"{figure}.png", PICTURES / f"{name}.png")
    browser = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if browser is None:
        print(f"no pictures of the page: none of {', '.join(BROWSERS)} is installed")
        return
    for name, (brief, rules, width, height) in SHOTS.items():
        shot(
            browser,
            folder,
            folder / "out" / brief / "index.html",
            rules,
            (width, height),
            PICTURES / f"{name}.png",
        )


def shot(browser: str, folder: Path, page: Path, rules: str, size: tuple[int, int], to: Path) -> None:
    """One picture of a page, with further rules of style."""
    part, taken = page.with_name("part.html"), folder / "taken.png"
    part.write_text(page.read_text("utf-8").replace("</style>", f"{rules}</style>", 1), "utf-8")
    words = [
        browser, *FLAGS, f"--user-data-dir={folder / 'profile'}", f"--window-size={size[0]},{size[1]}",
        f"--screenshot={taken}", part.as_uri(),
    ]  # fmt: skip
    subprocess.run(words, check=True, capture_output=True, timeout=120)
    smaller(taken, to)


def smaller(picture: Path, to: Path) -> None:
    """A copy in few colours and at most 1,000 pixels wide, as repositories like it."""
    from PIL import Image

    with Image.open(picture) as whole:
        image = whole.convert("RGB")
    image.thumbnail((LARGEST, 10 * LARGEST))
    image.quantize(COLOURS).save(to, optimize=True)
    print(f"{to.name}: {to.stat().st_size // 1024} kB")


if __name__ == "__main__":
    main()
