"""The answers as Markdown: the page's words and numbers, readable in any editor."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ..files import write_whole
from .saved import caption, figures, slug

BRIEF, SCENARIO = "answers.md", "changes.md"
Shown = Mapping[str, tuple[str, str]]
"""Name of a figure -> its caption and its file."""


def write_markdown(
    context: Mapping[str, Any], folder: Path, pictures: Mapping[str, Path] | None = None
) -> Path:
    """Write a brief's answers.md, or a scenario's changes.md, to `folder`, whole or not at all.

    Parameters
    ----------
    context : as `page.brief_context` or `page.scenario_context` gives.
    pictures : files of the figures by name, as `saved.write_figures` gives; those there are shown.
    """
    shown = {
        name: (caption(figure), Path(os.path.relpath(pictures[name], folder)).as_posix())
        for name, figure in figures(context)
        if pictures and name in pictures
    }
    name, lines = (
        (BRIEF, _brief(context, shown))
        if context["kind"] == "brief"
        else (SCENARIO, _scenario(context, shown))
    )
    return write_whole(Path(folder) / name, ("\n".join(lines).rstrip() + "\n").encode())


def _brief(context: Mapping[str, Any], shown: Shown) -> list[str]:
    brief = context["brief"]
    lines = [f"# {_text(brief['title'])}", "", f"{_text(brief['argument'])}, {_text(brief['published'])}", ""]
    lines += [_text(brief["about"]), ""] if brief["about"] else []
    lines += ["## The answers", "", *(f"{_text(line)}\n" for line in brief["lead"])]
    rows = [
        (f"{row['id']} {row['claim']}", row["word"], "" if row["waiting"] else row["says"],
         "" if row["waiting"] else row["chance"], "; ".join(row["carried"]) or "; ".join(row["short_waits"]))
        for row in brief["questions"]
    ]  # fmt: skip
    rows += [
        (f"{row['id']} {row['claim']}", row["word"], "" if row["waiting"] else row["summary"],
         "" if row["waiting"] else row["support"], row["rests"] or "; ".join(row["short_waits"]))
        for row in brief["patterns"]
    ]  # fmt: skip
    lines += _table(("Claim", "Answer", "Effect [90 %] ± error", "Chance", "Carried by, or waits for"), rows)
    lines += _readings(brief["matrix"])
    lines += ["## What would follow", "", _text(brief["how_to_read"]), ""]
    for row in brief["questions"]:
        lines += _question(row, brief["published"], shown)
    if brief["figures"]:
        told = [
            (f"{row['id']} {row['claim']}", row["article"], row["data"], row["word"], row["concept"],
             row["source"] + _unchecked(row))
            for row in brief["figures"]
        ]  # fmt: skip
        lines += ["## The argument's figures", ""]
        lines += _table(("Figure", "The article", "The data", "Word", "Which figure it is", "Source"), told)
    if brief["patterns"]:
        lines += ["## Patterns in past and present", ""]
        for row in brief["patterns"]:
            lines += _pattern(row)
    return lines + _common(context, shown)


def _readings(matrix: Mapping[str, Any] | None) -> list[str]:
    """The matrix of rival readings."""
    if not matrix:
        return []
    heads = ["Answer or fact", *(row["title"] for row in matrix["readings"])]
    rows = [
        (f"{row['id']} {row['text']} ({row['word']})", *(mark["sign"] for mark in row["marks"]))
        for row in matrix["rows"]
    ]
    rows.append(("Inconsistent, of those that bear on it",
                 *(f"{row['inconsistent']} of {row['speaks']}" for row in matrix["readings"])))  # fmt: skip
    rows.append(("Score (strong ones twice)", *(row["score"] for row in matrix["readings"])))
    said = f"{_text(matrix['summary'])} {_text(matrix['hangs'])} After Heuer (1999, ch. 8)."
    return ["## Which reading do the answers speak against?", "", said, "", *_table(heads, rows)]


def _question(row: Mapping[str, Any], published: str, shown: Shown) -> list[str]:
    """One question's card."""
    lines = [f"### {_text(row['id'])} {_text(row['claim'])}", ""]
    if row["waiting"]:
        lines += [
            f"**{row['word']}**{'; waits for ' + _text('; '.join(row['waits'])) if row['waits'] else ''}",
            "",
        ]
        return lines + _after(row)
    chance = f", chance {row['chance']}" if row["kind"] == "effect" else ""
    lines += [
        f"**{row['word']}**: {_text(row['says'])}{chance}{' (our question)' if row['ours'] else ''}",
        "",
    ]
    lines += [_text(" ".join(part for part in (row["test"], row["split"], row["near"]) if part)), ""]
    for place in range(1, len(row["figures"]) + 1):
        lines += _picture(f"{slug(row['id'])}-{place}", shown)
    lines += [_text(row["threshold"]), ""] if row["threshold"] else []
    lines += (
        [f"As known on {published}: the answer was the same to the digit.", ""] if row["same_then"] else []
    )
    if row["compared"]:
        told = [(one["name"], one["word"], one["says"], one["chance"]) for one in row["compared"]]
        lines += _table(("Known or believed", "Answer", "Result", "Chance"), told)
    if row["kind"] == "effect":
        lines += ["#### Why", ""]
        if row["why"]:
            lines += [f"{_text(row['why'].title)}; {_text(row['why'].sub)}.", ""]
            lines += _table(("Mechanism", "Part", "Monte-Carlo error"), row["parts"])
            lines += _picture(f"{slug(row['id'])}-why", shown)
        else:
            nil = row["word"] == "practically nil"
            silent = (
                "Practically nil, and not broken down: `westphalia why` does it."
                if nil
                else "No mechanism moves this outcome in the scenario."
            )
            lines += [silent, ""]
    lines += ["#### What the answer hangs on", "", _text(row["hinge"]), ""]
    hinges = [
        (
            one["name"],
            f"{one['kind']}: {one['spread']}",
            one["correlation"],
            one["change"],
            one["turns"] or "–",
            one["source"],
        )
        for one in row["hinges"]
    ]
    heads = (
        "Parameter",
        "Kind, value and spread",
        "Rank correlation",
        "Chance, lowest to highest third",
        "Turns at",
        "Source",
    )
    lines += _table(heads, hinges)
    grades = [(one["mechanism"], one["forecast"], one["identification"]) for one in row["grades"]]
    lines += (
        ["#### How good the links are", "", *_table(("Mechanism", "Forecast", "Identification"), grades)]
        if grades
        else []
    )
    also = [(one["label"], one["value"], one["outer"], one["error"]) for one in row["also"]]
    lines += ["#### Beside it", "", *_table(("Result", "Value", "90 % band", "Error"), also)] if also else []
    return lines + _after(row)


def _pattern(row: Mapping[str, Any]) -> list[str]:
    """One pattern with its lines of evidence."""
    support = "" if row["waiting"] else f"; support {row['support']}"
    lines = [
        f"### {_text(row['id'])} {_text(row['claim'])}",
        "",
        f"**{row['word']}**: {_text(row['summary'])}{support}",
        "",
    ]
    rows = [(one["measure"], one["shows"], one["speaks"], _of_evidence(one)) for one in row["evidence"]]
    method = [f"Every estimate here: {_text(row['method'])}.", ""] if row["method"] else []
    return [*lines, *_table(("Measure", "Shows", "Speaks for it", "Source"), rows), *method, *_after(row)]


def _after(row: Mapping[str, Any]) -> list[str]:
    """Since then, what to watch, what to mind, sources."""
    lines: list[str] = []
    if row["ledger"]:
        lines += ["#### Since then", ""]
        lines += [
            f"- {one['date']}: {_text(one['text'])} ({_text(one['source'])}{_unchecked(one)})"
            for one in row["ledger"]
        ]
        lines += [""]
    if row["signposts"]:
        lines += ["#### What to watch", ""]
        lines += [f"- {_text(one['watch'])}: {_text(one['would'])}" for one in row["signposts"]] + [""]
    lines += [f"> {_text(row['note'])}", ""] if row["note"] else []
    if row.get("sources"):
        lines += ["#### Sources", ""]
        for one in row["sources"]:
            cited = "; ".join(part["short"] for part in one["cited"])
            lines.append(f"- {one['name']}: {_text(one['sample'])}. {_text(cited)}")
        lines += [""]
    return lines


def _scenario(context: Mapping[str, Any], shown: Shown) -> list[str]:
    scenario = context["scenario"]
    lines = [
        f"# {_text(scenario['title'])}",
        "",
        f"Against “{_text(scenario['against'])}”, future by future.",
        "",
    ]
    lines += ["## What moves", "", _text(scenario["lead"]), ""]
    rows = [
        (f"{row['name']} ({row['unit']})", row["base"], row["moved"], row["gap"], row["outer"],
         "unchanged" if row["still"] else row["higher"])
        for row in scenario["rows"]
    ]  # fmt: skip
    lines += _table(
        ("Outcome", "Baseline", "Scenario", "Difference", "90 % band", "Chance it is higher"), rows
    )
    for place in range(1, len(scenario["movers"]) + 1):
        lines += _picture(f"movers-{place}", shown)
    return lines + _common(context, shown)


def _common(context: Mapping[str, Any], shown: Shown) -> list[str]:
    """Main outcomes, sources, and how to compute all of it again."""
    lines = [f"## Where the main outcomes go, {context['about']['until']}", ""]
    rows = [
        (item["name"], row["scenario"], row["median"], row["outer"], row["gap"], row["gap_outer"])
        for item in context["outcomes"]
        for row in item["rows"]
    ]
    lines += _table(("Outcome", "Scenario", "Median", "90 % band", "Difference", "Its 90 % band"), rows)
    for name in shown:
        if name.startswith("outcome-") or name in ("map", "network"):
            lines += _picture(name, shown)
    if context["bibliography"]:
        lines += [
            "## Sources of the estimates",
            "",
            *(f"- {_text(row['full'])}" for row in context["bibliography"]),
            "",
        ]
    about = context["about"]
    return [
        *lines, "## To reproduce", "", f"    {about['command']}", "",
        f"westphalia {about['version']}, seed {about['seed']}, {about['draws']} futures in each of {about['runs']} scenarios to "
        f"{about['until']}; {_text(about['world'])}, digest {about['digest']}", "",
    ]  # fmt: skip


def _picture(name: str, shown: Shown) -> list[str]:
    if name not in shown:
        return []
    said, file = shown[name]
    return [f"![{_text(said)}]({file})", ""]


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """A table, or nothing without rows."""
    told = [" | ".join(_cell(cell) for cell in row) for row in rows]
    if not told:
        return []
    return [
        f"| {' | '.join(_cell(head) for head in heads)} |",
        "|---" * len(heads) + "|",
        *(f"| {row} |" for row in told),
        "",
    ]


def _cell(text: str) -> str:
    return _text(text).replace("|", "\\|") or " "


def _text(text: str) -> str:
    """Data's words on one line, with nothing in them that Markdown would take for markup or HTML."""
    flat = " ".join(str(text).split())
    links = ("[", "]") if "](" in flat or "]:" in flat else ()
    for sign in ("\\", "`", "*", "_", *links):
        flat = flat.replace(sign, "\\" + sign)
    return flat.replace("<", "&lt;")


def _of_evidence(one: Mapping[str, Any]) -> str:
    """Where a line of evidence comes from, how it was made, and whether it counts."""
    beside = "" if one["counts"] else "beside the others"
    return "; ".join(
        part for part in ((one["typed"] or one["source"]) + _unchecked(one), one["method"], beside) if part
    )


def _unchecked(row: Mapping[str, Any]) -> str:
    return ", not checked" if row.get("checked") == "no" else ""
