"""Two scenarios with the same luck: computing them, and telling the difference."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from ..briefs.answer import RECORDED
from ..briefs.carried import Pair, carried_by
from ..engine.futures import Futures
from ..engine.model import Model
from ..engine.outcomes import address_fault, default_outcomes
from ..engine.scenario import Scenario, load_scenario
from ..engine.simulate import simulate_many
from ..errors import InputError, Problems
from . import show
from .changes import Change, change, few_years, main_changes, print_changes

if TYPE_CHECKING:
    from ..engine.world import World
    from .options import Settings


@dataclass(frozen=True)
class Paired:
    """Futures of two scenarios and the changes between them, second less first."""

    world: World
    model: Model
    scenarios: tuple[Scenario, Scenario]
    first: Futures
    second: Futures
    settings: Settings
    years: Sequence[int]
    groups: dict[str, list[Change]] = field(repr=False)

    def to_json(self) -> dict[str, Any]:
        """Every change, year by year, with what is needed to compute it again."""
        names = [part.name for part in self.scenarios]
        return {
            "scenario": names[1], "against": names[0], "titles": [part.title for part in self.scenarios],
            "world": self.world.title, "world_digest": self.world.digest, "draws": self.settings.draws,
            "until": self.settings.until, "seed": self.settings.seed, "from_start": self.settings.from_start, "as_of": self.settings.as_of,
            "changes": [row.to_json() for rows in self.groups.values() for row in rows],
        }  # fmt: skip

    def print(self, error: bool) -> None:
        """The tables: median change and 90 % band at a few years."""
        print_changes(self.groups, self.years, error)
        if "The order" in self.groups and not any(
            self.groups[key] for key in self.groups if key != "The order"
        ):
            show.say("\nNo state and no pair moves in any future.")
        note = "\nMedian of the paired differences and their 90 % band"
        show.say(note + ("; ± the Monte-Carlo error of the median." if error else "."))
        if any(row.through for rows in self.groups.values() for row in rows):
            show.say(
                "when: years in which the band leaves out zero. through: what carries a tenth or more of it in that of the years shown where "
                'it is largest, by replay of the first 64 futures; "together" is what no mechanism carries alone.'
            )


def paired(
    settings: Settings, first: str, second: str, *, whole: bool = False, speak: bool = True,
    outcomes: Sequence[str] = (), years: Sequence[int] = (), through: bool = False,
) -> Paired:  # fmt: skip
    """Run two scenarios with the same luck.

    Parameters
    ----------
    first, second : scenarios by shipped name or file; differences are second less first.
    whole : record every outcome there is, not only those that briefs use.
    outcomes : addresses to show instead of the main ones. years : to show instead of a few good ones.
    through : find what each mechanism carries of every change shown, in that of the years shown where it is largest.
    """
    world, model = settings.load_world(), Model.default()
    problems = [
        f"--year {year}: give years from {world.year + 1} to {settings.until}"
        for year in years
        if not world.year < year <= settings.until
    ]
    known = default_outcomes(world, model.variables())
    problems += [
        f"--outcome: {fault}" for address in outcomes if (fault := address_fault(address, known, world))
    ]
    if problems:
        raise Problems("the command", problems)
    found = _both(settings, first, second, world, model)
    # The outcomes that briefs record, so that their stored blocks serve here too; all of them when more is wanted.
    briefly = not whole and {address.partition("[")[0].strip() for address in outcomes} <= set(RECORDED)
    recorded = [name for name in RECORDED if name in known] if briefly else None
    header = (
        f"world {world.year} · {len(world.states)} states · {found[1].name} less {found[0].name} · "
        f"{settings.draws:,} futures a scenario · seed {settings.seed}"
    )
    with settings.progress(2, header if speak else "") as advance:
        futures = simulate_many(
            world, {"first": found[0], "second": found[1]}, model, draws=settings.draws, until=settings.until,
            seed=settings.seed, executor=settings.executor(2), outcomes=recorded, store=settings.store(),
            progress=advance,
        )  # fmt: skip
    a, b = futures["first"], futures["second"]
    shown_years = sorted(set(years)) or few_years(*found, world.year, settings.until)
    named = [change(address, a, b) for address in outcomes]
    groups = {"Outcome": named} if named else main_changes(a, b)
    if through:
        groups = _through(groups, found, world, model, settings, shown_years)
    return Paired(world, model, found, a, b, settings, shown_years, groups)


def _through(
    groups: dict[str, list[Change]], scenarios: tuple[Scenario, Scenario], world: World, model: Model,
    settings: Settings, years: Sequence[int],
) -> dict[str, list[Change]]:  # fmt: skip
    """The changes with what each mechanism carries of them, from one block replayed in lockstep."""
    asked = tuple((row.address, row.largest(years)) for rows in groups.values() for row in rows)
    if not asked:
        return groups
    carried = carried_by(
        [Pair(*scenarios, asked)], world, model, until=settings.until, seed=settings.seed,
        executor=settings.executor(1), store=settings.store(),
    )[0]  # fmt: skip
    return {
        heading: [replace(row, through=carried[row.address]) for row in rows]
        for heading, rows in groups.items()
    }


def _both(
    settings: Settings, first: str, second: str, world: World, model: Model
) -> tuple[Scenario, Scenario]:
    """Both scenarios, with the problems of both told together."""
    loaded: list[Scenario] = []
    problems: list[InputError] = []
    for name in (first, second):
        try:
            scenario = load_scenario(name, world, model, settings.until, settings.record())
        except InputError as error:
            problems.append(error)
        else:
            loaded.append(scenario.from_start() if settings.from_start else scenario)
    if len(problems) == 1:
        raise problems[0]
    if problems:
        raise InputError("\n".join(str(error) for error in problems))
    return loaded[0], loaded[1]
