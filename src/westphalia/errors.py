"""One tree of errors; each message says what was given, where, what is allowed and what to do next.

WestphaliaError
├── InputError         a world, scenario, brief or argument that cannot be used
│   └── Problems       several of them at once, one line each
├── ModelError         mechanisms that cannot be put together
├── DataError          a public file that is missing, damaged or outside its coverage
└── ConvergenceError   a solver that did not reach its tolerance
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher, get_close_matches


class WestphaliaError(Exception):
    """Anything Westphalia refuses to do, told in words an analyst can act on."""


class InputError(WestphaliaError):
    """Something given by the user cannot be used."""


class Problems(InputError):
    """Every problem of one input at once.

    Parameters
    ----------
    where : the file or object the problems are in.
    problems : one sentence each, beginning with the place (``event 2, year: ...``).
    closing : what did not happen because of them.
    """

    def __init__(self, where: str, problems: Sequence[str], closing: str = "Nothing was run.") -> None:
        self.where, self.problems, self.closing = where, tuple(problems), closing
        count = "1 problem" if len(self.problems) == 1 else f"{len(self.problems)} problems"
        lines = [f"{where} has {count}:", *(f"  {problem}" for problem in self.problems), closing]
        super().__init__("\n".join(line for line in lines if line))

    def __reduce__(self) -> tuple[type[Problems], tuple[str, tuple[str, ...], str]]:
        return Problems, (self.where, self.problems, self.closing)


class ModelError(WestphaliaError):
    """Mechanisms that do not fit together."""


class DataError(WestphaliaError):
    """A public file that is missing, damaged, or asked about years it does not cover."""


class ConvergenceError(WestphaliaError):
    """A solver stopped short of its tolerance; the message carries the residual."""


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name most like `name`, or None when nothing is near."""
    known = list(known)
    folded = {candidate.casefold(): candidate for candidate in known}
    given = name.casefold()
    close = get_close_matches(given, list(folded), n=6, cutoff=0.5)
    if not close:
        return None
    # Among equally near ones the one that begins alike: RUZ is RUS, not UZB.
    alike = {one: (SequenceMatcher(None, given, one).ratio(), _same_beginning(given, one)) for one in close}
    return folded[max(close, key=alike.__getitem__)]


def _same_beginning(first: str, second: str) -> int:
    """How many letters two words have in common from their beginning."""
    return next((at for at, (a, b) in enumerate(zip(first, second)) if a != b), min(len(first), len(second)))


def unknown(kind: str, name: str, known: Iterable[str], where_to_look: str = "") -> str:
    """The sentence for a name that does not exist, with the nearest one that does."""
    known = list(known)
    guess = nearest(name, known)
    if guess is not None:
        return f'there is no {kind} "{name}". Did you mean "{guess}"?'
    shown = ", ".join(sorted(known)[:12]) + (", ..." if len(known) > 12 else "")
    return f'there is no {kind} "{name}". Known: {shown}' + (f" ({where_to_look})" if where_to_look else "")
