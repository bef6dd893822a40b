"""The Model: mechanisms put together by the names of their variables.

The model collects the declarations, orders the mechanisms, and refuses two writers, a cycle or an unknown name
when it is put together, not in year 17.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from graphlib import CycleError, TopologicalSorter

from ..errors import ModelError, unknown
from ..mechanisms.base import Mechanism
from ..mechanisms.parameters import Parameter
from ..variables import Variable
from .vocabulary import EXOGENOUS
from .world import World


@cache
def shipped_mechanisms() -> tuple[Mechanism, ...]:
    """The mechanisms that come with the package, in the order they are listed."""
    from ..mechanisms.affinity import Affinity
    from ..mechanisms.arms import Arms
    from ..mechanisms.conflict import Conflict
    from ..mechanisms.economy import Economy
    from ..mechanisms.institutions import Institutions
    from ..mechanisms.leaders import Leaders
    from ..mechanisms.money import Money
    from ..mechanisms.sanctions import Sanctions
    from ..mechanisms.security_tie import SecurityTie
    from ..mechanisms.technology import Technology
    from ..mechanisms.ties import Ties
    from ..mechanisms.trade import Trade

    return (
        Leaders(), Conflict(), Ties(), Sanctions(), Economy(), Affinity(), SecurityTie(), Trade(), Money(), Arms(),
        Institutions(), Technology(),
    )  # fmt: skip


MISSING = {
    "soft power": "attraction by culture, media and aid: nothing here measures it by state and year",
    "domestic politics": "regimes, elections and opinion stay as they are at the start",
    "energy": "oil and gas as goods of their own: price caps, pipelines, who replaces whom",
    "investment": "capital across borders and who owns what",
    "gold": "gold among reserves: no file here has holdings and prices",
    "military balance": "who would win, and how aid changes a war's length and end",
    "trade policy": "common tariffs or trade rules that members of a body agree on",
}
"""What no mechanism carries, and why; a claim that needs one of these says so in `waits`."""


@dataclass(frozen=True)
class Model:
    """Mechanisms in the order the graph of their variables finds.

    Parameters
    ----------
    mechanisms : in any order; listed order breaks ties.
    exogenous : further variables a world of your own gives and no mechanism writes.

    Raises
    ------
    ModelError : two writers of one variable, a cycle within a year, an unknown name, a unit that differs.
    """

    mechanisms: tuple[Mechanism, ...]
    exogenous: tuple[Variable, ...] = ()
    order: tuple[Mechanism, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "mechanisms", tuple(self.mechanisms))
        writers = self._writers()
        problems = [*self._unknown_names(writers), *self._own_reads(), *self._unlike()]
        if problems:
            raise ModelError("the model cannot be put together:\n  " + "\n  ".join(problems))
        object.__setattr__(self, "order", self._sorted(writers))

    @classmethod
    def default(cls) -> Model:
        """The shipped mechanisms."""
        return cls(shipped_mechanisms())

    def without(self, name: str) -> Model:
        """The model with one mechanism cut: its variables stay exogenous, at their start."""
        cut = self[name]
        kept = tuple(part for part in self.mechanisms if part.name != name)
        return Model(kept, (*self.exogenous, *cut.writes))

    def replace(self, name: str, mechanism: Mechanism) -> Model:
        """The model with a rival mechanism in the place of the one called `name`."""
        cut = self[name]
        parts = tuple(mechanism if part.name == name else part for part in self.mechanisms)
        owned = {variable.name for part in parts for variable in part.writes}
        orphans = tuple(variable for variable in cut.writes if variable.name not in owned)
        return Model(parts, (*self.exogenous, *orphans))

    def plus(self, mechanism: Mechanism) -> Model:
        """The model with one more mechanism."""
        owned = {variable.name for variable in mechanism.writes}
        exogenous = tuple(variable for variable in self.exogenous if variable.name not in owned)
        return Model((*self.mechanisms, mechanism), exogenous)

    def reaching(self, variables: Iterable[str]) -> Model:
        """The model with only the mechanisms whose outputs can reach any of `variables`, in whatever year.

        What the others write stays exogenous. Luck has addresses, so those kept give the same numbers as in the whole.
        """
        needed, kept = set(variables), set[str]()
        while True:
            fresh = [
                part for part in self.mechanisms
                if part.name not in kept and needed & {variable.name for variable in part.writes}
            ]  # fmt: skip
            if not fresh:
                break
            kept |= {part.name for part in fresh}
            needed |= {name for part in fresh for name in (*part.reads, *part.recalls)}
        parts = tuple(part for part in self.mechanisms if part.name in kept)
        cut = tuple(v for part in self.mechanisms if part.name not in kept for v in part.writes)
        return Model(parts, (*self.exogenous, *cut))

    def with_priors(self, priors: dict[str, Parameter]) -> Model:
        """The model with other priors, keyed ``mechanism.parameter``."""
        by_mechanism: dict[str, dict[str, Parameter]] = {}
        known = self.parameters()
        for address, prior in priors.items():
            if address not in known:
                raise ModelError(unknown("parameter", address, known, "westphalia parameters"))
            mechanism, _, name = address.partition(".")
            by_mechanism.setdefault(mechanism, {})[name] = prior
        parts = tuple(part.with_parameters(by_mechanism.get(part.name, {})) for part in self.mechanisms)
        return Model(parts, self.exogenous)

    def __getitem__(self, name: str) -> Mechanism:
        for part in self.mechanisms:
            if part.name == name:
                return part
        raise ModelError(unknown("mechanism", name, [part.name for part in self.mechanisms]))

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the mechanisms, in the order they run."""
        return tuple(part.name for part in self.order)

    def parameters(self) -> dict[str, Parameter]:
        """Every parameter, keyed ``mechanism.parameter``."""
        return {
            f"{part.name}.{name}": parameter
            for part in self.mechanisms
            for name, parameter in part.parameters().items()
        }

    def variables(self) -> dict[str, Variable]:
        """Every variable the model knows: those written, and the exogenous ones."""
        outside = EXOGENOUS | {variable.name: variable for variable in self.exogenous}
        return outside | {variable.name: variable for part in self.mechanisms for variable in part.writes}

    def owner(self, variable: str) -> Mechanism | None:
        """The mechanism that writes `variable`, or None when it is exogenous."""
        for part in self.mechanisms:
            if any(written.name == variable for written in part.writes):
                return part
        return None

    def acts(self, variable: str) -> bool:
        """True when setting `variable` from outside reaches a mechanism."""
        owner = self.owner(variable)
        if owner is not None:
            return variable in owner.accepts
        return any(variable in part.reads or variable in part.recalls for part in self.mechanisms)

    def needs(self) -> tuple[str, ...]:
        """Variables that must have a start value: all read, recalled or written."""
        names = [name for part in self.mechanisms for name in (*part.reads, *part.recalls)]
        names += [variable.name for part in self.mechanisms for variable in part.writes]
        return tuple(dict.fromkeys(names))

    def problems_with(self, world: World) -> list[str]:
        """What keeps this model from starting in `world`, one sentence each."""
        variables, problems = self.variables(), []
        for name in self.needs():
            variable = variables[name]
            given = world.has(name)
            known = world.variables().get(name)
            if given and known and (gap := variable.differs_from(known)):
                problems.append(f"{name}: {gap}")
                continue
            if given and world[name].shape != world.shape(variable):
                problems.append(f"{name}: shape {world[name].shape}, expected {world.shape(variable)}")
            elif not given and variable.default is None and self.owner(name) is None:
                problems.append(
                    f"{name}: no table of the world gives it ({', '.join(variable.dims)}; {variable.unit})"
                )
        return problems

    def explain(self) -> str:
        """The graph in words: each mechanism with what it reads, recalls, writes and remembers."""
        lines = []
        for part in self.order:
            summary = (part.__doc__ or "").strip().splitlines()[0] if part.__doc__ else ""
            lines.append(f"{part.name}: {summary}")
            for label, names in (
                ("reads", part.reads),
                ("recalls", part.recalls),
                ("writes", [f"{v.name} [{', '.join(v.dims)}; {v.unit}]" for v in part.writes]),
                ("remembers", part.memory),
            ):
                if names:
                    lines.append(f"    {label:<10}{', '.join(names)}")
        outside = [name for name in self.needs() if self.owner(name) is None]
        lines.append(f"exogenous: {', '.join(outside)}")
        return "\n".join(lines)

    def edges(self) -> list[tuple[str, str, str, bool]]:
        """(from mechanism, to mechanism, variable, same year) for every link between mechanisms."""
        links = []
        for part in self.order:
            for name in dict.fromkeys((*part.reads, *part.recalls)):
                owner = self.owner(name)
                if owner is not None and owner is not part:
                    links.append((owner.name, part.name, name, name in part.reads))
        return links

    def _writers(self) -> dict[str, str]:
        writers: dict[str, str] = {}
        names: set[str] = set()
        for part in self.mechanisms:
            if not part.name:
                raise ModelError(f"{type(part).__name__} has no name; set `name = ...` on the class")
            if part.name in names:
                raise ModelError(f'two mechanisms are called "{part.name}"; a model holds each name once')
            names.add(part.name)
            for variable in part.writes:
                if variable.name in writers:
                    raise ModelError(
                        f'"{variable.name}" has two writers, {writers[variable.name]} and {part.name}; '
                        "cut or replace one (model.without, model.replace)"
                    )
                writers[variable.name] = part.name
        return writers

    def _unknown_names(self, writers: dict[str, str]) -> Iterable[str]:
        known = {*writers, *EXOGENOUS, *(variable.name for variable in self.exogenous)}
        for part in self.mechanisms:
            for name in (*part.reads, *part.recalls):
                if name not in known:
                    yield f"{part.name}: {unknown('variable', name, known)}"
            for name in part.accepts:
                if writers.get(name) != part.name:
                    yield f'{part.name}: accepts "{name}", which it does not write'

    def _unlike(self) -> Iterable[str]:
        """Variables declared in another unit, or by other dimensions, than they are known by."""
        outside = EXOGENOUS | {variable.name: variable for variable in self.exogenous}
        for part in self.mechanisms:
            for variable in part.writes:
                known = outside.get(variable.name)
                if known and (gap := variable.differs_from(known)):
                    yield f"{part.name}: {gap}"

    def _own_reads(self) -> Iterable[str]:
        for part in self.mechanisms:
            for variable in part.writes:
                if variable.name in part.reads:
                    yield f'{part.name}: reads its own "{variable.name}"; recall it to use last year\'s value'

    def _sorted(self, writers: dict[str, str]) -> tuple[Mechanism, ...]:
        sorter: TopologicalSorter[str] = TopologicalSorter()
        for part in self.mechanisms:
            sorter.add(part.name, *dict.fromkeys(writers[name] for name in part.reads if name in writers))
        try:
            sorter.prepare()
        except CycleError as error:
            circle = " -> ".join(error.args[1])
            raise ModelError(
                f"mechanisms wait for one another within a year: {circle}. "
                "Let one of them recall last year's value instead of reading this year's"
            ) from None
        rank = {part.name: position for position, part in enumerate(self.mechanisms)}
        order: list[str] = []
        while sorter.is_active():
            ready = sorted(sorter.get_ready(), key=rank.__getitem__)
            order += ready
            sorter.done(*ready)
        return tuple(self[name] for name in order)
