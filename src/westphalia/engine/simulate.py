"""A World x a Scenario x a Model -> Futures, in blocks of 64 futures with addressed luck.

Each year: events on exogenous variables act; each mechanism steps, in the order of the graph, seeing this year's
`reads` and last year's `recalls`; outcomes are recorded at year's end.
"""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError, ModelError, Problems
from ..mechanisms.base import Mechanism, View
from ..streams import BLOCK, Streams
from .executors import Executor, SerialExecutor
from .futures import Futures
from .model import Model
from .outcomes import FOCUS, Outcome, choose, default_outcomes
from .scenario import HORIZON, LAST_YEAR, Scenario, Schedule, load_scenario
from .store import BlockStore, code_digest
from .world import World, load_world

Array = NDArray[Any]
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Plan:
    """All that one block needs to be computed anywhere."""

    world: World
    model: Model
    scenario: Scenario
    schedule: Schedule
    until: int
    seed: int
    names: tuple[str, ...]
    extra: tuple[Outcome, ...]
    focus: tuple[str, ...]

    def outcomes(self) -> dict[str, Outcome]:
        """The outcomes to record, by name."""
        available = default_outcomes(self.world, self.model.variables(), self.focus)
        return choose(self.names, available) | {outcome.name: outcome for outcome in self.extra}

    def digest(self) -> str | None:
        """Key of what a block's numbers depend on; None when a part cannot be hashed."""
        digest = hashlib.blake2b(digest_size=16)
        parts: list[object] = [
            code_digest(),
            self.world.digest,
            self.until,
            self.seed,
            self.names,
            self.focus,
        ]
        parts += [(event, sorted(event.payload.items())) for event in self.scenario.all_events()]
        parts.append(sorted(self.model.parameters().items()))
        for mechanism in self.model.order:
            parts.append((mechanism.name, type(mechanism).__qualname__, vars(mechanism)))
            if not type(mechanism).__module__.startswith("westphalia.mechanisms."):
                try:
                    parts.append(inspect.getsource(type(mechanism)))
                except (OSError, TypeError):
                    return None
        if self.extra or not self.world.digest:
            return None
        text = repr(parts)
        if " at 0x" in text:
            return None
        digest.update(text.encode())
        return digest.hexdigest()


def simulate(
    world: World | None = None,
    scenario: str | Scenario | None = None,
    model: Model | None = None,
    *,
    draws: int = 128,
    until: int = HORIZON,
    seed: int = 1,
    executor: Executor | None = None,
    outcomes: Sequence[str | Outcome] | None = None,
    focus: Iterable[str] = FOCUS,
    store: BlockStore | None = None,
    progress: Progress | None = None,
) -> Futures:
    """Futures of a world under a scenario.

    Parameters
    ----------
    world : the shipped world of 2024 by default.
    scenario : a shipped name, a .toml file, a Scenario, or None for what has happened since (`as-happened`);
        "from-start" for nothing at all.
    model : the shipped mechanisms by default.
    draws : number of futures; 100 futures equal the first 100 of 500.
    until : last year simulated.
    seed : one whole number; the same seed gives every scenario the same luck.
    executor : where blocks are computed; in this process by default.
    outcomes : names (or Outcomes of your own) to record; all by default. Fewer are faster: mechanisms that cannot
        reach them are not run.
    focus : states whose pairs are recorded.
    store : keeps finished blocks on disk, so that an interrupted run is taken up again.
    progress : called with (blocks finished, blocks in all).

    Raises
    ------
    Problems, InputError : what is wrong with world, scenario or arguments, all at once.
    """
    runs = {"run": scenario}
    return simulate_many(
        world, runs, model, draws=draws, until=until, seed=seed, executor=executor,
        outcomes=outcomes, focus=focus, store=store, progress=progress,
    )["run"]  # fmt: skip


def simulate_many(
    world: World | None,
    scenarios: Mapping[str, str | Scenario | None],
    model: Model | None = None,
    *,
    draws: int = 128,
    until: int = HORIZON,
    seed: int = 1,
    executor: Executor | None = None,
    outcomes: Sequence[str | Outcome] | Mapping[str, Sequence[str | Outcome]] | None = None,
    focus: Iterable[str] = FOCUS,
    store: BlockStore | None = None,
    progress: Progress | None = None,
) -> dict[str, Futures]:
    """Several scenarios with the same luck, their blocks shared out together (see `simulate`).

    `outcomes` may be given for each scenario by its key.
    """
    world = load_world() if world is None else world
    model = Model.default() if model is None else model
    _check_numbers(world, draws, until, seed)
    plans = {}
    for key, given in scenarios.items():
        wanted = outcomes[key] if isinstance(outcomes, Mapping) else outcomes
        plans[key] = make_plan(world, given, model, until, seed, wanted, tuple(focus))
    blocks = -(-draws // BLOCK)
    jobs = [(key, block) for block in range(blocks) for key in plans]
    digests = {key: plan.digest() if store else None for key, plan in plans.items()}
    done: dict[tuple[str, int], dict[str, Array]] = {}
    for key, block in jobs:
        stored = store.get(f"{digests[key]}-{block}") if store and digests[key] else None
        if stored is not None:
            done[key, block] = stored
    if progress:
        progress(len(done), len(jobs))
    left = [job for job in jobs if job not in done]
    work = [(plans[key], block) for key, block in left]
    for position, recorded in (executor or SerialExecutor()).map(run_block, work):
        key, block = left[position]
        done[key, block] = recorded
        if store and digests[key]:
            store.put(f"{digests[key]}-{block}", recorded)
        if progress:
            progress(len(done), len(jobs))
    return {
        key: Futures.assemble(
            [done[key, block] for block in range(blocks)], draws, world, plan.outcomes(),
            scenario=plan.scenario, model=model, until=until, seed=seed,
        )
        for key, plan in plans.items()
    }  # fmt: skip


def make_plan(
    world: World, given: str | Scenario | None, model: Model, until: int, seed: int,
    outcomes: Sequence[str | Outcome] | None, focus: tuple[str, ...],
) -> Plan:  # fmt: skip
    """Check world, scenario and model together, and lay the run out.

    When outcomes are named, only the mechanisms that can reach them run: luck has addresses, so the numbers are the
    same.
    """
    scenario = load_scenario(given, world, model, until)
    assumed = model.with_priors(scenario.all_priors())
    problems = assumed.problems_with(world)
    if problems:
        raise Problems(f"world {world.title}", problems)
    for state in focus:
        if state not in world.states and focus != FOCUS:
            world.index(state)  # raises with the nearest name
    named = None if outcomes is None else [name for name in outcomes if isinstance(name, str)]
    extra = tuple(outcome for outcome in outcomes or () if isinstance(outcome, Outcome))
    available = default_outcomes(world, assumed.variables(), focus)
    chosen = choose(named, available)
    if outcomes:
        assumed = assumed.reaching({name for o in (*chosen.values(), *extra) for name in o.reads})
    schedule = Schedule.of(scenario, world, assumed)
    return Plan(world, assumed, scenario, schedule, until, seed, tuple(chosen), extra, focus)


def _check_numbers(world: World, draws: int, until: int, seed: int) -> None:
    problems = []
    if draws < 1:
        problems.append(f"draws: {draws}; give 1 or more")
    if not world.year < until <= LAST_YEAR:
        problems.append(f"until: {until}; give a year from {world.year + 1} to {LAST_YEAR}")
    if not 0 <= seed < 2**63:
        problems.append(f"seed: {seed}; give a whole number of 0 or more")
    if problems:
        raise InputError("; ".join(problems))


def run_block(job: tuple[Plan, int]) -> dict[str, Array]:
    """One block: outcome name -> float32 array (64, year, ...), the world's year first."""
    plan, block = job
    return Block(plan, block).run()


@dataclass
class Shared:
    """Steps that runs of one block, in lockstep, need not make twice: same mechanism, priors and inputs, same result.

    A step is a pure function of its inputs and addressed luck, so runs that have not parted share it to the bit. Inputs
    count as the same when they are the same arrays in memory; what stands here keeps them alive.
    """

    steps: dict[tuple[Any, ...], tuple[tuple[Array, ...], dict[str, Array], dict[str, Array]]] = field(
        default_factory=dict
    )
    values: dict[tuple[str, bytes], Array] = field(default_factory=dict)
    first: dict[tuple[str, int, str], Array] = field(default_factory=dict)

    def told(self, mechanism: str, year: int, arrays: dict[str, Array]) -> dict[str, Array]:
        """The same values, as the arrays of the run that wrote them first where they do not differ from its own."""
        found = {}
        for name, array in arrays.items():
            first = self.first.setdefault((mechanism, year, name), array)
            found[name] = first if _equal(first, array) else array
        return found

    def forget(self) -> None:
        """Drop the steps of a year that every run has made."""
        self.steps = {key: made for key, made in self.steps.items() if key[1] == "start"}
        self.first.clear()


def _equal(one: Array, two: Array) -> bool:
    """True when two arrays hold the same; the first future alone settles most cases."""
    if one is two or one.shape != two.shape or one.dtype != two.dtype:
        return one is two
    missing = one.dtype.kind == "f"
    return np.array_equal(one[:1], two[:1], equal_nan=missing) and np.array_equal(one, two, equal_nan=missing)


def _digest(array: Array) -> bytes:
    """Hash of an array's values, shape and kind."""
    whole = np.ascontiguousarray(array)
    return hashlib.blake2b(
        whole.tobytes() + str((whole.shape, whole.dtype)).encode(), digest_size=12
    ).digest()


def _priors(mechanism: Mechanism) -> tuple[Any, ...]:
    """What a mechanism's drawn parameters depend on, beside its class."""
    return tuple(sorted((name, repr(prior)) for name, prior in mechanism.changed.items()))


class Block:
    """The state of one block of futures while it runs.

    shared : steps already made by runs of the same block in lockstep (see `Shared`); None to share nothing.
    """

    def __init__(self, plan: Plan, block: int, shared: Shared | None = None) -> None:
        self.plan, self.block, self.shared = plan, block, shared
        self.world = plan.world
        self.variables = plan.model.variables()
        self.outcomes = plan.outcomes()
        self.state: dict[str, Array] = {}
        self.memory: dict[str, dict[str, Array]] = {}
        self.start: dict[str, Array] = {}
        self.applied: dict[str, tuple[int, ...]] = {}
        self.mechanisms: list[Mechanism] = []

    def streams(self, mechanism: str, when: str) -> Streams:
        labels = {"body": self.world.bodies, "currency": self.world.currencies}
        return Streams(self.plan.seed, mechanism, when, self.block, self.world.slots, labels)

    def run(self) -> dict[str, Array]:
        self.begin()
        recorded: dict[str, list[Array]] = {name: [] for name in self.outcomes}
        self.record(recorded)
        for year in range(self.world.year + 1, self.plan.until + 1):
            self.year(year)
            self.record(recorded)
        return {name: np.stack(values, axis=1) for name, values in recorded.items()}

    def begin(self) -> None:
        """Start values of every variable, then each mechanism's parameters and memory."""
        wanted = {*self.plan.model.needs(), *(n for o in self.outcomes.values() for n in o.reads)}
        for name in sorted(wanted | set(self.plan.schedule.variables())):
            self.start[name] = self._start_value(name)
            self.state[name] = self._same(name, self._spread(self.start[name]))
        for mechanism in self.plan.model.order:
            bound = mechanism.bind(self.streams(mechanism.name, "parameters"))
            self.mechanisms.append(bound)
            given = self._begun(bound)
            own = {variable.name for variable in mechanism.writes}
            strange = set(given) - own - set(mechanism.memory)
            missing = set(mechanism.memory) - set(given)
            if strange or missing:
                raise ModelError(
                    f"{mechanism.name}: start gave {sorted(strange) or 'nothing strange'} beyond its writes and "
                    f"memory, and left out {sorted(missing) or 'nothing'}"
                )
            self.memory[mechanism.name] = {name: given[name] for name in mechanism.memory}
            for name in own & set(given):
                begun = self._checked(mechanism, name, given[name], self.world.year)
                if self.shared is not None:
                    begun = self.shared.values.setdefault((name, repr(_priors(bound)).encode()), begun)
                self.state[name] = begun

    def _begun(self, bound: Mechanism) -> dict[str, Array]:
        """A mechanism's start, made once for all runs in lockstep with the same priors."""
        key = (bound.name, "start", id(type(bound)), _priors(bound))
        if self.shared is not None and key in self.shared.steps:
            return self.shared.steps[key][1]
        given = bound.start(self.world, self.streams(bound.name, "start"))
        if self.shared is not None:
            self.shared.steps[key] = ((), given, {})
        return given

    def _same(self, name: str, array: Array) -> Array:
        """The array itself, or the one with the same values that a run in lockstep holds already."""
        if self.shared is None:
            return array
        return self.shared.values.setdefault((name, _digest(array[0])), array)

    def _start_value(self, name: str) -> Array:
        variable = self.variables[name]
        dtype = np.float32 if variable.dyadic and name != "trade" else np.float64
        if self.world.has(name):
            return self.world[name].astype(dtype)
        blank = (
            np.nan if variable.default is None else variable.default
        )  # NaN: its mechanism's start must give it
        return np.full(self.world.shape(variable), blank, dtype=dtype)

    def _spread(self, array: Array) -> Array:
        """The same values for every future, without copies; read-only."""
        return np.broadcast_to(array, (BLOCK, *array.shape))

    def year(self, year: int) -> None:
        past = dict(self.state)
        imposed = self._events(year)
        for mechanism in self.mechanisms:
            self._step(mechanism, year, past, imposed)

    def _step(
        self, mechanism: Mechanism, year: int, past: dict[str, Array], imposed: dict[str, Array]
    ) -> None:
        """One mechanism's year, seeing only what it declared; not made again where a run in lockstep has made it."""
        name = mechanism.name
        remembered = {recalled: past[recalled] for recalled in mechanism.recalls} | self.memory[name]
        read = {variable: self.state[variable] for variable in mechanism.reads}
        key: tuple[Any, ...] = ()
        if self.shared is not None:
            own = tuple((v, _digest(imposed[v])) for v in mechanism.accepts if v in imposed)
            inputs = (*read.values(), *remembered.values())
            key = (name, year, id(type(mechanism)), _priors(mechanism), own, *map(id, inputs))
            if key in self.shared.steps:
                _, written, memory = self.shared.steps[key]
                self.state |= written
                self.memory[name] |= memory
                return
        now, last = View(name, year, read, imposed), View(name, year - 1, remembered)
        made = mechanism.step(now, last, self.streams(name, str(year)))
        self._take(mechanism, made, year)
        if self.shared is not None:
            written = {variable.name: self.state[variable.name] for variable in mechanism.writes}
            memory = {part: made[part] for part in mechanism.memory if part in made}
            written, memory = (self.shared.told(name, year, arrays) for arrays in (written, memory))
            self.state |= written
            self.memory[name] |= memory
            self.shared.steps[key] = (inputs, written, memory)

    def _events(self, year: int) -> dict[str, Array]:
        """Set exogenous variables for this year; return what is imposed on owned ones."""
        schedule, imposed = self.plan.schedule, {}
        for name in schedule.variables():
            numbers = schedule.active(name, year)
            if name in schedule.owned:
                if numbers:
                    imposed[name] = schedule.apply(numbers, np.full(self.start[name].shape, np.nan))
            elif numbers != self.applied.get(name, ()):
                self.state[name] = self._same(name, self._spread(schedule.apply(numbers, self.start[name])))
                self.applied[name] = numbers
        return imposed

    def _take(self, mechanism: Mechanism, written: dict[str, Array], year: int) -> None:
        own = [variable.name for variable in mechanism.writes]
        strange = set(written) - set(own) - set(mechanism.memory)
        missing = set(own) - set(written)
        if strange or missing:
            raise ModelError(
                f"{mechanism.name}, {year}: step returned undeclared {sorted(strange)} "
                f"and left out {sorted(missing)}; it declares writes {own} and memory {list(mechanism.memory)}"
            )
        for name in own:
            self.state[name] = self._checked(mechanism, name, written[name], year)
        for name in mechanism.memory:
            if name in written:
                self.memory[mechanism.name][name] = written[name]

    def _checked(self, mechanism: Mechanism, name: str, array: Array, year: int) -> Array:
        variable = self.variables[name]
        shape = (BLOCK, *self.world.shape(variable))
        if array.shape != shape:
            raise ModelError(f"{mechanism.name}, {year}: {name} has shape {array.shape}, expected {shape}")
        dtype = np.float32 if variable.dyadic else np.float64
        if array.dtype != dtype:
            array = array.astype(dtype)
        # A sum is finite only when every part is; missing start values may stay missing.
        if not np.isfinite(array.sum()):
            known = np.isfinite(self.start[name]) if self.world.has(name) else np.ones(shape[1:], bool)
            broken = ~np.isfinite(array) & known
            if broken.any():
                first = np.argwhere(broken)[0]
                place = "-".join(self.world.states[i] for i in first[1:3] if i < len(self.world.states))
                raise ModelError(
                    f"{mechanism.name}, {year}: {name} of {place} is not a finite number in future "
                    f"{self.block * BLOCK + first[0]}"
                )
        array.flags.writeable = False
        return array

    def record(self, recorded: dict[str, list[Array]]) -> None:
        for name, outcome in self.outcomes.items():
            recorded[name].append(np.asarray(outcome.reduce(self.state), dtype=np.float32))
