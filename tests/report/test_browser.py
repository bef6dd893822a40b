"""The page in a real browser: it opens from a file, fetches nothing, and never scrolls sideways."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable
from html import escape
from pathlib import Path

import pytest

from westphalia.briefs.answer import Answers
from westphalia.engine.futures import Futures
from westphalia.engine.world import World
from westphalia.report import write_page, write_scenario_page

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--no-first-run", "--hide-scrollbars",
)  # fmt: skip
A4 = (695, 1024)
"""What is left of a sheet of A4 with margins of 13 mm, in CSS pixels (96 to the inch)."""
MEASURE = """<script>onload = () => {
  const frame = document.querySelector("iframe"), page = frame.contentDocument
  const beyond = [...page.querySelectorAll("body *")].filter(e => e.getBoundingClientRect().right > frame.clientWidth + 1)
  const seen = [...page.querySelectorAll("svg")].filter(e => e.getBoundingClientRect().width > 40)
  document.body.dataset.found = [frame.clientWidth, page.documentElement.scrollWidth,
    page.documentElement.scrollHeight, seen.length,
    beyond.filter(e => getComputedStyle(e).position != "absolute").map(e => e.tagName + " " + e.className).join()].join(";")
}</script>"""
"""Reads the size of the page inside a frame of a given width (a window cannot be made as narrow as a telephone)."""


@pytest.fixture(scope="module")
def chromium() -> str:
    """A browser, or skip."""
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    if found is None:
        pytest.skip(f"needs a browser: none of {', '.join(NAMES)} is installed")
    return found


@pytest.fixture(scope="module", params=["brief", "scenario"])
def page(
    request: pytest.FixtureRequest, answers: Answers, runs: dict[str, Futures], small_world: World,
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:  # fmt: skip
    folder = tmp_path_factory.mktemp("shown")
    if request.param == "brief":
        return write_page(answers, folder, "westphalia run sample")
    return write_scenario_page(
        runs["clash"], runs["as-happened"], small_world, folder, "westphalia run clash"
    )


def _browse(chromium: str, folder: Path, *wanted: str) -> str:
    command = [chromium, *FLAGS, f"--user-data-dir={folder / 'profile'}", *wanted]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout


@pytest.mark.parametrize("width", [320, 390, 420, 800, 1200])
def test_no_scrolling_sideways(chromium: str, page: Path, width: int, tmp_path: Path) -> None:
    inside = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", page.read_text("utf-8"))
    inside = inside.replace("<details", "<details open")  # what is folded must fit as well
    frame = f'<iframe style="border:0;width:{width}px;height:900px" srcdoc="{escape(inside)}"></iframe>'
    (tmp_path / "frame.html").write_text(
        f'<!doctype html><meta charset="utf-8"><body>{MEASURE}{frame}</body>', "utf-8"
    )
    shown = _browse(
        chromium, tmp_path, "--window-size=1300,900", "--dump-dom", f"file://{tmp_path}/frame.html"
    )
    found = re.search(r'data-found="([^"]*)"', shown)
    assert found is not None
    viewport, across, down, pictures, beyond = found[1].split(";")
    assert int(viewport) == width
    assert int(across) <= width
    assert beyond == ""
    assert int(down) > 2000
    assert int(pictures) > 5


def _measured(
    chromium: str, page: Path, folder: Path, width: int, change: Callable[[str], str], script: str
) -> str:
    """What a script finds in the page inside a frame of some width, after a change of its text."""
    inside = change(re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", page.read_text("utf-8")))
    measure = f"""<script>onload = () => {{
      const page = document.querySelector("iframe").contentDocument, look = page.defaultView
      document.body.dataset.found = ({script})
    }}</script>"""
    frame = f'<iframe style="border:0;width:{width}px;height:900px" srcdoc="{escape(inside)}"></iframe>'
    (folder / "frame.html").write_text(
        f'<!doctype html><meta charset="utf-8"><body>{measure}{frame}</body>', "utf-8"
    )
    shown = _browse(chromium, folder, "--window-size=1300,900", "--dump-dom", f"file://{folder}/frame.html")
    found = re.search(r'data-found="([^"]*)"', shown)
    assert found is not None
    return found[1]


def test_no_card_is_longer_than_a_printed_page(chromium: str, page: Path, tmp_path: Path) -> None:
    def printed(text: str) -> str:  # the print rules on the screen
        return text.replace("@media screen", "@media speech").replace("@media print", "@media all")

    script = '[...page.querySelectorAll("article.claim")].map(e => Math.ceil(e.getBoundingClientRect().height)).join()'
    found = _measured(chromium, page, tmp_path, A4[0], printed, script)
    heights = [int(height) for height in found.split(",") if height]
    assert len(heights) == (7 if "q-1a" in page.read_text("utf-8") else 0)
    assert all(60 < height <= A4[1] for height in heights)
    styles = page.read_text("utf-8").partition("@media print")[2]
    assert re.search(r"\.claim[^{]*\{ break-inside: avoid", styles)


def test_it_prints_on_a4(chromium: str, page: Path, tmp_path: Path) -> None:
    _browse(
        chromium,
        tmp_path,
        "--no-pdf-header-footer",
        f"--print-to-pdf={tmp_path / 'page.pdf'}",
        f"file://{page}",
    )
    boxes = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", (tmp_path / "page.pdf").read_bytes())
    assert boxes
    for width, height in boxes:
        assert float(width) == pytest.approx(595, abs=1.5)
        assert float(height) == pytest.approx(842, abs=1.5)


def test_pictures_can_be_read_on_a_phone(chromium: str, page: Path, tmp_path: Path) -> None:
    script = """[...page.querySelectorAll(".network text, .cartogram text")].filter(e => look.getComputedStyle(e).display != "none")
      .map(e => e.getBoundingClientRect().height.toFixed(1)).join()"""
    heights = [
        float(one) for one in _measured(chromium, page, tmp_path, 390, lambda text: text, script).split(",")
    ]
    assert len(heights) > 15
    assert min(heights) >= 9.0


@pytest.mark.parametrize("width", [420, 1200])
def test_it_is_drawn_at_both_widths(chromium: str, page: Path, width: int, tmp_path: Path) -> None:
    image = tmp_path / "page.png"
    _browse(chromium, tmp_path, f"--window-size={width},2000", f"--screenshot={image}", f"file://{page}")
    content = image.read_bytes()
    assert content.startswith(b"\x89PNG")
    size = [int.from_bytes(content[place : place + 4], "big") for place in (16, 20)]
    assert size == [width, 2000]
    assert len(content) > 60_000  # a blank page is a tenth of that


def test_the_browser_reads_the_same_page(chromium: str, page: Path, tmp_path: Path) -> None:
    shown = _browse(chromium, tmp_path, "--dump-dom", f"file://{page}")
    assert "alert(1)" in shown
    assert "<script" not in shown
    assert len(re.findall("<svg", shown)) == len(re.findall("<svg", page.read_text("utf-8")))
