"""A page's figures as files of their own, for a paper: SVG, PNG or both, with their captions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ..files import write_whole
from .charts import Captioned, save_chart

FOLDER = "figures"
KINDS = {"svg": ("svg",), "png": ("png",), "both": ("svg", "png")}
"""What `--figures` may be, and the endings that it writes."""


def write_figures(context: Mapping[str, Any], folder: Path, kinds: Sequence[str]) -> dict[str, Path]:
    """Write every figure to `folder`/figures, and their captions to captions.md beside them.

    Parameters
    ----------
    context : as `page.brief_context` or `page.scenario_context` gives. kinds : of "svg" and "png".

    Returns
    -------
    Name of a figure -> its file, of the last kind.

    Raises
    ------
    InputError : PNG without the extra `report`.
    """
    paths: dict[str, Path] = {}
    captions = ["# Figures", ""]
    for name, figure in figures(context):
        for kind in kinds:
            paths[name] = save_chart(figure.svg, Path(folder) / FOLDER / f"{name}.{kind}")
        captions.append(f"- **{name}**: {caption(figure)}")
    write_whole(Path(folder) / FOLDER / "captions.md", ("\n".join(captions) + "\n").encode())
    return paths


def figures(context: Mapping[str, Any]) -> Iterator[tuple[str, Captioned]]:
    """Every figure of a page with the name of its file, in the page's order."""
    for question in context.get("brief", {}).get("questions", ()):
        for place, figure in enumerate(question["figures"], start=1):
            yield f"{slug(question['id'])}-{place}", figure
        if question["why"]:
            yield f"{slug(question['id'])}-why", question["why"]
    for place, figure in enumerate(context.get("scenario", {}).get("movers", ()), start=1):
        yield f"movers-{place}", figure
    for item in context["outcomes"]:
        yield f"outcome-{slug(item['name'])}", item["picture"]
    for name in ("map", "network"):
        if context[name]:
            yield name, Captioned(context[name]["title"], context[name]["svg"])


def caption(figure: Captioned) -> str:
    """What a figure shows, and what its grey and its blue stand for, in one line."""
    keys = "; ".join(
        f"{colour}: {name}" for colour, name in (("grey", figure.base), ("blue", figure.one)) if name
    )
    return ". ".join(part.rstrip(".") for part in (figure.title, figure.sub, keys) if part) + "."


def slug(name: str) -> str:
    """A name as part of a file's: lower case, blanks and signs as hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower().replace("'s", "s")).strip("-")
