"""Put a brief to the test: figures, patterns, questions, all from one set of paired futures."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from ..engine.executors import Executor, SerialExecutor
from ..engine.futures import Futures
from ..engine.model import Model
from ..engine.outcomes import Outcome, address_fault, default_outcomes
from ..engine.scenario import AS_HAPPENED, HORIZON, NOTHING, Scenario, load_scenario, shipped
from ..engine.simulate import Progress, simulate_many
from ..engine.store import BlockStore
from ..engine.world import World, load_world
from ..errors import Problems, WestphaliaError, unknown
from ..mechanisms.parameters import Estimates
from ..streams import BLOCK
from .brief import Brief, Question, load_brief
from .carried import TOGETHER, Carried, Pair, carried_by
from .evidence import KINDS, SIMULATED, NoRecordError
from .figures import FigureAnswer, check_figure, world_value
from .hinges import hinges
from .patterns import PatternAnswer, answer_pattern
from .questions import Grade, QuestionAnswer, answer_question, event_of
from .verdict import NIL, judge

RECORDED = (
    "gdp_share", "gdp_market_share", "real_income", "first_leader", "leader_exit", "affinity", "security_tie",
    "trade_share", "effective_poles_gdp", "effective_poles_gdp_market", "effective_poles_net_resources",
    "camp_gdp_affinity", "camp_gdp_security_tie", "siding_affinity", "siding_security_tie", "body_gdp",
    "reserve_share", "settlement_share", "rung_declaration", "rung_settlement", "rung_payment_system",
    "rung_reserve_role", "military_spending_share", "agreement_declaration", "agreement_statement", "agreement_operation", "council_agreement",
    "assembly_agreement", "technology_share", "disputes", "wars_begun", "states_at_war", "great_power_war", "dispute", "war",
    "pacts", "rivalries", "sanctions_in_force", "body_members",
)  # fmt: skip


@dataclass(frozen=True)
class Answers:
    """What became of a brief's claims, with the futures they rest on."""

    brief: Brief
    world: World
    model: Model
    draws: int
    until: int
    seed: int
    figures: tuple[FigureAnswer, ...]
    patterns: tuple[PatternAnswer, ...]
    questions: tuple[QuestionAnswer, ...]
    futures: dict[str, Futures]
    scenarios: dict[str, Scenario]
    then: Scenario | None = None

    @property
    def titles(self) -> dict[str, str]:
        """Titles of the scenarios, by the names the brief calls them."""
        return {name: part.title for name, part in self.scenarios.items()}

    def to_json(self) -> dict[str, Any]:
        """All answers as plain data (NaN as null)."""
        return {
            "brief": self.brief.name, "title": self.brief.title, "world": self.world.title,
            "world_digest": self.world.digest, "draws": self.draws, "until": self.until, "seed": self.seed,
            "mechanisms": list(self.model.names),
            "figures": [_plain(asdict(row)) for row in self.figures],
            "patterns": [_plain(_dump(row)) for row in self.patterns],
            "questions": [_plain(_dump(row)) for row in self.questions],
        }  # fmt: skip


def _dump(row: PatternAnswer | QuestionAnswer) -> dict[str, Any]:
    """A dataclass with pydantic rows inside, as plain tables."""
    plain = asdict(replace(row, ledger=(), signposts=()))
    plain["ledger"] = [entry.model_dump() for entry in row.ledger]
    plain["signposts"] = [entry.model_dump() for entry in row.signposts]
    return plain


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, float | np.floating):
        return float(value) if np.isfinite(value) else None
    return value


def answer(
    brief: Brief | str,
    world: World | None = None,
    model: Model | None = None,
    *,
    draws: int = 128,
    until: int = HORIZON,
    seed: int = 1,
    from_start: bool = False,
    record: str = AS_HAPPENED,
    nil_too: bool = False,
    executor: Executor | None = None,
    store: BlockStore | None = None,
    progress: Progress | None = None,
) -> Answers:
    """Answer every claim of a brief.

    Parameters
    ----------
    brief : a shipped name, a .toml file, or a Brief.
    draws : futures a scenario; the others as for `westphalia.simulate`.
    from_start : leave out what has happened since the world's year, in every scenario.
    record : the shipped record of what has happened to stand on, such as "as-known-july-2025".
    nil_too : find what carries an effect even where it is practically nil.

    Raises
    ------
    Problems : every problem of the brief in this world and model, before anything is run.
    """
    world = load_world() if world is None else world
    model = Model.default() if model is None else model
    brief = load_brief(brief) if isinstance(brief, str) else brief
    problems = brief_problems(brief, world, model, until)
    if problems:
        raise Problems(f"brief {brief.name}", problems)
    executor = executor or SerialExecutor()
    scenarios = {name: load_scenario(name, world, model, until, record) for name in brief.scenarios()}
    if from_start:
        scenarios = {n: NOTHING if n == AS_HAPPENED else part.from_start() for n, part in scenarios.items()}
    effects = [row for row in brief.question if not row.waits and row.kind == "effect"]
    then = (
        {} if from_start or record != AS_HAPPENED else _as_known_then(brief, scenarios, world, model, until)
    )
    runs, past_runs = -(-draws // BLOCK) * len(scenarios), len(then)
    total = runs + past_runs + len({(row.against, row.scenario) for row in effects})
    futures = simulate_many(
        world, scenarios, model, draws=draws, until=until, progress=_part(progress, 0, total),
        outcomes=dict.fromkeys(scenarios, recorded(world, model)), seed=seed, executor=executor, store=store,
    )  # fmt: skip
    before = simulate_many(
        world, then, model, draws=min(draws, BLOCK), until=_last_asked(brief, then, until), progress=_part(progress, runs, total),
        outcomes={name: _asked(brief, name) for name in then}, seed=seed, executor=executor, store=store,
    ) if then else {}  # fmt: skip
    pairs: dict[tuple[str, str], list[Question]] = {}
    for row in effects:
        if nil_too or _matters(row, futures):
            pairs.setdefault((row.against, row.scenario), []).append(row)
    why = carried_by(
        [
            Pair(scenarios[against], scenarios[scenario], tuple((row.outcome, row.year) for row in rows))
            for (against, scenario), rows in pairs.items()
        ],
        world, model, until=until, progress=_part(progress, runs + past_runs, total), seed=seed, executor=executor, store=store,
    )  # fmt: skip
    carriers = {row.id: parts[row.outcome] for rows, parts in zip(pairs.values(), why) for row in rows}
    answers = tuple(
        _answered(row, brief, world, model, seed, scenarios, futures, before, carriers.get(row.id, ()))
        for row in brief.question
    )
    base = futures[AS_HAPPENED]
    return Answers(
        brief, world, model, draws, until, seed,
        tuple(check_figure(row, world) for row in brief.figure),
        tuple(answer_pattern(row, world, base) for row in brief.pattern),
        answers, futures, scenarios, then.get(AS_HAPPENED),
    )  # fmt: skip


def _answered(
    question: Question, brief: Brief, world: World, model: Model, seed: int, scenarios: dict[str, Scenario],
    futures: dict[str, Futures], before: dict[str, Futures], why: tuple[Carried, ...],
) -> QuestionAnswer:  # fmt: skip
    """One question's answer with all that stands beside it."""
    found = answer_question(question, world, futures)
    if question.waits:
        return found
    if question.kind == "effect":
        assumed_model = model.with_priors(scenarios[question.scenario].all_priors())
        found = _deepen(found, question.sign, futures, assumed_model, world, seed, why)
    else:
        found = _deepen_chance(found, question, futures, model, world, seed)
    if before:
        earlier = answer_question(question.model_copy(update={"also": []}), world, before)
        fewer = next(iter(before.values())).draws
        note = f" ({fewer} futures)" if fewer < futures[AS_HAPPENED].draws else ""
        found = replace(found, then=f"{earlier.verdict.word}: {earlier.says}{note}")
    return found


def recorded(world: World, model: Model) -> tuple[str, ...]:
    """The outcomes a brief may speak of, as far as this world and model have them."""
    available = default_outcomes(world, model.variables())
    return tuple(name for name in RECORDED if name in available)


def _as_known_then(
    brief: Brief, scenarios: dict[str, Scenario], world: World, model: Model, until: int
) -> dict[str, Scenario]:
    """The brief's scenarios standing on what was known at publication, by their names; none when it does not say."""
    if not brief.then:
        return {}
    known = load_scenario(brief.then, world, model, until)
    return {
        name: known if name == AS_HAPPENED else replace(part, beneath=known if part.beneath else None)
        for name, part in scenarios.items()
    }


def _asked(brief: Brief, scenario: str) -> tuple[str, ...]:
    """The outcomes that the brief's questions need of a scenario."""
    wanted = []
    for question in brief.question:
        if not question.waits and scenario in (question.scenario, question.against):
            wanted += [question.outcome or "gdp_share", question.given]
            wanted += ["first_leader", "leader_exit"] * bool(question.after)
    return tuple(dict.fromkeys(name.partition("[")[0] for name in wanted if name))


def _matters(question: Question, futures: dict[str, Futures]) -> bool:
    """False when the effect is practically nil, so that there is nothing to break down."""
    run, against = futures[question.scenario], futures[question.against]
    gap = run.series(question.outcome) - against.series(question.outcome)
    effects = np.asarray(gap.sel(year=question.year).values, dtype=float)
    return judge(effects, question.sign, question.smallest).word != NIL


def _last_asked(brief: Brief, then: dict[str, Scenario], until: int) -> int:
    """The last year that a question or an event of these scenarios needs."""
    told = [event.year for part in then.values() for event in part.all_events()]
    return min(until, max(told + [row.year for row in brief.question if not row.waits]))


def _part(progress: Progress | None, before: int, total: int) -> Progress | None:
    return (lambda done, _: progress(before + done, total)) if progress else None


def _deepen(
    found: QuestionAnswer, sign: int, futures: dict[str, Futures], model: Model, world: World, seed: int,
    why: tuple[Carried, ...],
) -> QuestionAnswer:  # fmt: skip
    """Add why, hinges, grades, and the assumed share's say in the verdict."""
    run, against = futures[found.scenario], futures[found.against]
    gap = run.series(found.outcome) - against.series(found.outcome)
    effects = np.asarray(gap.sel(year=found.year).values, dtype=float)
    reaching = model.reaching(_reads(found.outcome, model, world))
    hanging, assumed = hinges(effects, reaching, world, seed, sign, found.smallest)
    size = sum(abs(part.effect) for part in why) or 1.0
    carriers = [
        part.mechanism for part in why if part.mechanism != TOGETHER and abs(part.effect) >= 0.1 * size
    ]
    if not why:  # practically nil, and not broken down: the mechanisms that write the outcome
        owners = [model.owner(name) for name in _reads(found.outcome, model, world)]
        carriers = list(dict.fromkeys(owner.name for owner in owners if owner is not None))
    return replace(
        found, why=why, hinges=tuple(hanging), assumed_share=assumed,
        verdict=judge(effects, sign, found.smallest, assumed), grades=tuple(grade(name) for name in carriers),
    )  # fmt: skip


def _deepen_chance(
    found: QuestionAnswer,
    question: Question,
    futures: dict[str, Futures],
    model: Model,
    world: World,
    seed: int,
) -> QuestionAnswer:
    """Add to a chance what it hangs on, and the grades of the mechanisms that move its outcome."""
    happened = event_of(question, world, futures)
    names = {*_reads(found.outcome, model, world), *(("leader_exit",) if question.after else ())}
    hanging, assumed = hinges(happened, model.reaching(names), world, seed, 1, 0.5)
    owners = dict.fromkeys(owner.name for name in sorted(names) if (owner := model.owner(name)) is not None)
    verdict = replace(found.verdict, word="rests on an assumption") if assumed > 0.5 else found.verdict
    return replace(
        found, verdict=verdict, hinges=tuple(hanging), assumed_share=assumed,
        grades=tuple(grade(name) for name in owners),
    )  # fmt: skip


def _reads(address: str, model: Model, world: World) -> tuple[str, ...]:
    """The variables that the outcome of an address is made of."""
    name = address.partition("[")[0].strip()
    return default_outcomes(world, model.variables())[name].reads


def grade(mechanism: str) -> Grade:
    """The two grades that a mechanism's estimates state; "not scored" where they do not."""
    try:
        about = Estimates.load(mechanism).about
    except (FileNotFoundError, WestphaliaError):
        about = {}
    return Grade(
        mechanism, str(about.get("forecast", "not scored")), str(about.get("identification", "not stated"))
    )


def _address(address: str, known: Sequence[str], outcomes: Mapping[str, Outcome], world: World) -> str:
    """What is wrong with an outcome's address in a brief; nothing when it names a recorded series."""
    name = address.partition("[")[0].strip()
    return address_fault(address, outcomes, world) if name in known else unknown("outcome", name, known)


def brief_problems(brief: Brief, world: World, model: Model, until: int) -> list[str]:
    """What is wrong with a brief in this world and model, one sentence each."""
    problems: list[str] = []
    names, known = [*shipped(), NOTHING.name], recorded(world, model)
    outcomes = default_outcomes(world, model.variables())

    def attempt(place: str, act: Callable[[], object]) -> None:
        try:
            act()
        except NoRecordError:
            pass  # answered as "not represented"
        except WestphaliaError as error:
            problems.append(f"{place}: {error}")

    if brief.then:
        attempt("then", lambda: load_scenario(brief.then, world, model, until))
    for figure in brief.figure:
        if figure.world:
            attempt(f"figure {figure.id}, world", lambda row=figure: world_value(row.world, world))  # type: ignore[misc]
    for pattern in brief.pattern:
        if pattern.test and not pattern.waits and pattern.test.kind not in SIMULATED:
            attempt(f"pattern {pattern.id}", lambda test=pattern.test: KINDS[test.kind](test, world, None))  # type: ignore[misc,arg-type]
    for question in brief.question:
        if question.waits:
            continue
        place = f"question {question.id}"
        if not world.year < question.year <= until:
            problems.append(f"{place}, year {question.year}: use {world.year + 1} to {until}")
        for name in {question.scenario, question.against} - {""}:
            if name not in names and not name.endswith(".toml"):
                problems.append(f"{place}, scenario: {unknown('scenario', name, names)}")
            else:
                attempt(place, lambda name=name: load_scenario(name, world, model, until))  # type: ignore[misc]
        whole = question.kind == "pivot"  # its outcome is a share without a place
        asked = [("outcome", "" if whole else question.outcome), ("given", question.given)]
        for key, address in (*asked, *(("also", one) for one in question.also)):
            if address and (fault := _address(address, known, outcomes, world)):
                problems.append(f"{place}, {key}: {fault}")
        if whole and question.outcome and question.outcome not in known:
            problems.append(f"{place}, outcome: {unknown('outcome', question.outcome, known)}")
        if question.pivot and question.pivot not in world.states:
            problems.append(f"{place}, pivot: {unknown('state', question.pivot, world.states)}")
    return problems
