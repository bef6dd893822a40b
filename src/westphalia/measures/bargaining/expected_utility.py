"""Whom would each actor challenge, who gives way, and where does the issue settle? Bueno de Mesquita's model.

Each round every actor i weighs challenging every other j, by expected utility (Bueno de Mesquita 1985, 1994; stated
in full by Scholz, Calbert & Smith 2011, Journal of Theoretical Politics 23, whose equations these are):

    E_i(j) = s_j [P u_win + (1 - P) u_lose] + (1 - s_j) u_win
             - Q u_same - (1 - Q) [T u_better + (1 - T) u_worse]

    u_win    = 2 - 4 (.5 - .5 d)^r         d = |x_i - x_j| / span
    u_lose   = 2 - 4 (.5 + .5 d)^r         e = (|x_i - m| + |x_i - x_j|) / span, m the median
    u_better = 2 - 4 (.5 - .25 e)^r
    u_worse  = 2 - 4 (.5 + .25 e)^r        u_same = 2 - 4 (.5)^r

P is the support that i would have against j. Risk: with r = 1 for all, i's security is what the others expect from
challenging it, R_i = (2 S_i - max S - min S) / (max S - min S), and r_i = (1 - R_i/3) / (1 + R_i/3). Then, with
a = E_i(j) > 0 and b = E_j(i): j gives in wholly where b < -a, comes part of the way |b/a| where -a < b <= 0, and both
clash where b > 0. Each actor takes one of the offers made to it.

The model was never published as a program, and replications disagree where the text is open. Every such point is a
field of `Variant`; compare before you believe one.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .body import weighted_mean, weighted_median

FloatArray = NDArray[np.float64]
CHOICES: dict[str, tuple[str, ...]] = {
    "span": ("current", "first"),
    "support": ("for", "net", "all contests"),
    "reference": ("median", "mean"),
    "security": ("adversaries", "own"),
    "perspective": ("own", "mover"),
    "clash": ("stand", "loser moves"),
    "choice": ("strongest", "nearest", "kind"),
}


@dataclass(frozen=True)
class Variant:
    """One reading of the model. The defaults follow Scholz, Calbert & Smith (2011) to the letter.

    span : what distances are measured against: "current", largest less smallest position of the round; "first", of the
        first round; or a number, the length of the scale.
    support : P is the votes for i over all votes cast between i and j ("for", eq. 31); the votes for i less those for
        j, if positive, over all ("net"); or the votes for i over those cast in all contests ("all contests").
    status_quo : Q, the chance from 0 to 1 that j stays where it is when not challenged.
    better : T, the chance that j's own move would help i; None for 1 where the median is nearer to i than j is, else 0.
    reference : m is the weighted "median" or "mean" of the round.
    risk : whether r is computed; else 1.
    security : S_i sums what "adversaries" expect from challenging i (the text), or i's "own" expectations (the appendix).
    perspective : with whose r the one who may move judges the challenge to it: each actor's "own", or the "mover"'s.
    clash : where both expect to gain, both "stand", since the outcome is uncertain (1997), or the "loser moves" wholly to
        the one who expects more (1985).
    choice : of several offers an actor takes the "strongest" challenger's; the "nearest"; or by "kind" (clash, then
        compromise, then giving in) and then the nearest. Equals go to the nearest, then to the lower position.
    """

    span: str | float = "current"
    support: str = "for"
    status_quo: float = 1.0
    better: float | None = None
    reference: str = "median"
    risk: bool = True
    security: str = "adversaries"
    perspective: str = "own"
    clash: str = "stand"
    choice: str = "strongest"

    def __post_init__(self) -> None:
        for name, allowed in CHOICES.items():
            value = getattr(self, name)
            if isinstance(value, str) and value not in allowed:
                raise ValueError(f'{name}: "{value}" is not known; allowed: {", ".join(allowed)}')
        if not isinstance(self.span, str) and not self.span > 0:
            raise ValueError(f"span: {self.span} must be above 0, the length of the scale")
        for name in ("status_quo", "better"):
            value = getattr(self, name)
            if value is not None and not 0 <= value <= 1:
                raise ValueError(f"{name}: {value} must lie between 0 and 1")


VARIANTS = MappingProxyType(
    {
        "text": Variant(),
        "confrontation": Variant(clash="loser moves"),
        "net-votes": Variant(support="net", reference="mean", clash="loser moves"),
        "all-contests": Variant(
            support="all contests", span="first", perspective="mover", clash="loser moves", choice="kind"
        ),
        "even-status-quo": Variant(status_quo=0.5),
        "no-risk": Variant(risk=False),
    }
)
"""Readings in use. "text": the paper's; "confrontation": with the octants of 1985; "net-votes", "all-contests": as
public replications compute them; "even-status-quo": Q of one half, as later writers take it; "no-risk": r = 1."""


@dataclass(frozen=True)
class Forecast:
    """Rounds of bargaining.

    positions : (round, member), the first row as given. risk : (round, member) r of each round played.
    median, mean : (round,) weighted by capability x salience. settled : whether nobody moved any more at the end.
    """

    positions: FloatArray
    risk: FloatArray
    median: FloatArray
    mean: FloatArray
    settled: bool

    @property
    def outcome(self) -> float:
        """The last round's median."""
        return float(self.median[-1])


def expected_utility(
    positions: ArrayLike,
    capabilities: ArrayLike,
    saliences: ArrayLike,
    variant: Variant = VARIANTS["text"],
    rounds: int = 10,
) -> Forecast:
    """Where does an issue settle when actors challenge, compromise and give in, round by round?

    Parameters
    ----------
    positions : (member,) on a scale. capabilities : (member,) 0 or more, in any unit. saliences : (member,) from 0 to 1.
    variant : the reading of the model. rounds : most rounds played; it stops before when nobody moves.

    Source
    ------
    Bueno de Mesquita (1985, American Political Science Review 79); (1994, in European Community Decision Making, ch. 4);
    Scholz, Calbert & Smith (2011). The original's own results are not reproduced exactly by any published replication.

    Examples
    --------
    >>> forecast = expected_utility([0, 4, 10], [1, 2, 1], [1, 1, 1])
    >>> float(forecast.median[0]), forecast.settled
    (4.0, True)
    """
    place, power, salience = _checked(positions, capabilities, saliences)
    if rounds != int(rounds) or rounds < 1:
        raise ValueError(f"rounds: {rounds} must be a whole number of at least 1")
    weight = power * salience
    first = float(np.ptp(place))
    if not isinstance(variant.span, str) and first > variant.span:
        raise ValueError(f"span: {variant.span:g} is less than the positions' own range, {first:g}")
    path, risks, settled = [place], [], False
    for _ in range(int(rounds)):
        span = (
            np.ptp(place) if variant.span == "current" else first if variant.span == "first" else variant.span
        )
        if not np.ptp(place) > 1e-9 * max(first, 1e-300):
            settled = True
            break
        moved, risk = _round(place, weight, salience, float(span), variant)
        risks.append(risk)
        path.append(moved)
        settled = bool(np.abs(moved - place).max() <= 1e-9 * first)
        place = moved
        if settled:
            break
    return Forecast(
        np.array(path),
        np.array(risks).reshape(-1, len(place)),
        np.array([weighted_median(x, weight) for x in path]),
        np.array([weighted_mean(x, weight) for x in path]),
        settled,
    )


def compare_variants(
    positions: ArrayLike, capabilities: ArrayLike, saliences: ArrayLike, rounds: int = 10
) -> dict[str, Forecast]:
    """The forecast under each reading of `VARIANTS`: how much hangs on points on which replications disagree."""
    return {
        name: expected_utility(positions, capabilities, saliences, variant, rounds)
        for name, variant in VARIANTS.items()
    }


def support_chances(positions: ArrayLike, weights: ArrayLike, support: str = "for") -> FloatArray:
    """P, the chance that i prevails over j, (member, member), from the votes w_k (|x_k - x_j| - |x_k - x_i|) of all k.

    1/2 where both stand at the same place. `support` as in `Variant`.
    """
    place, weight = np.asarray(positions, dtype=np.float64), np.asarray(weights, dtype=np.float64)
    apart = np.abs(place[:, None] - place)
    votes = weight[:, None, None] * (apart[:, None, :] - apart[:, :, None])
    total = np.abs(votes).sum(axis=0)
    favour = np.maximum(votes.sum(axis=0), 0) if support == "net" else np.maximum(votes, 0).sum(axis=0)
    over = np.full_like(total, total.sum()) if support == "all contests" else total
    return np.asarray(np.divide(favour, over, out=np.full_like(total, 0.5), where=total > 0))


def challenge_utilities(
    positions: ArrayLike,
    saliences: ArrayLike,
    chances: FloatArray,
    risk: ArrayLike,
    reference: float,
    span: float,
    variant: Variant = VARIANTS["text"],
) -> FloatArray:
    """What each actor i expects from challenging each j, (member, member); see the formula at the head of this file.

    risk : r, (member, 1) for each challenger's own, (1, member) for the challenged one's view of it.
    """
    place, exponent = np.asarray(positions, dtype=np.float64), np.asarray(risk, dtype=np.float64)
    apart = np.abs(place[:, None] - place) / span
    away = np.abs(place - reference)[:, None] / span
    win = 2 - 4 * (0.5 - 0.5 * apart) ** exponent
    lose = 2 - 4 * (0.5 + 0.5 * apart) ** exponent
    better = 2 - 4 * np.maximum(0.5 - 0.25 * (away + apart), 0) ** exponent
    worse = 2 - 4 * (0.5 + 0.25 * (away + apart)) ** exponent
    same = 2 - 4 * 0.5**exponent
    helps = (away < apart) * 1.0 if variant.better is None else variant.better
    stake = np.asarray(saliences, dtype=np.float64)
    challenge = stake * (chances * win + (1 - chances) * lose) + (1 - stake) * win
    q = variant.status_quo
    return np.asarray(challenge - q * same - (1 - q) * (helps * better + (1 - helps) * worse))


def risk_exponents(utilities: FloatArray, security: str = "adversaries") -> FloatArray:
    """r of each actor, (member,), between 1/2 and 2, from expected utilities computed with r = 1."""
    others = utilities * (1 - np.eye(len(utilities)))
    safe = others.sum(axis=0 if security == "adversaries" else 1)
    width = safe.max() - safe.min()
    if not width > 1e-12:
        return np.ones(len(safe))
    risk = (2 * safe - safe.max() - safe.min()) / width
    return np.asarray((1 - risk / 3) / (1 + risk / 3))


def _round(
    place: FloatArray, weight: FloatArray, salience: FloatArray, span: float, variant: Variant
) -> tuple[FloatArray, FloatArray]:
    """Positions after one round, and the r with which it was played."""
    reference = (
        weighted_median(place, weight) if variant.reference == "median" else weighted_mean(place, weight)
    )
    chances = support_chances(place, weight, variant.support)

    def utilities(risk: FloatArray) -> FloatArray:
        return challenge_utilities(place, salience, chances, risk, reference, span, variant)

    ones = np.ones((len(place), 1))
    risk = risk_exponents(utilities(ones), variant.security) if variant.risk else ones[:, 0]
    own = utilities(risk[:, None])
    seen = own if variant.perspective == "own" else utilities(risk[None, :])
    return np.array([_moved(j, place, seen[:, j], own[j], variant) for j in range(len(place))]), risk


def _moved(j: int, place: FloatArray, threat: FloatArray, hope: FloatArray, variant: Variant) -> float:
    """Where actor j goes, challenged by each i with `threat` = E_i(j), itself expecting `hope` = E_j(i)."""
    offers = []
    for i in range(len(place)):
        a, b = threat[i], hope[i]
        if a <= 0 or place[i] == place[j]:
            continue
        if b > 0:
            if variant.clash == "stand" or b >= a:
                continue
            kind, goal = 0, place[i]
        elif -b < a:
            kind, goal = 1, place[j] + (place[i] - place[j]) * (-b / a)
        else:
            kind, goal = 2, place[i]
        far = abs(goal - place[j])
        order = {"strongest": (-a, far), "nearest": (far, -a), "kind": (kind, far)}[variant.choice]
        offers.append((*order, goal))
    return float(min(offers)[-1]) if offers else float(place[j])


def _checked(
    positions: ArrayLike, capabilities: ArrayLike, saliences: ArrayLike
) -> tuple[FloatArray, FloatArray, FloatArray]:
    place = np.asarray(positions, dtype=np.float64)
    if place.ndim != 1 or len(place) < 2 or not np.isfinite(place).all():
        raise ValueError("positions: needs one number for each of at least two members, none missing")
    values = {}
    for name, given in (("capabilities", capabilities), ("saliences", saliences)):
        value = np.asarray(given, dtype=np.float64)
        if value.shape != place.shape:
            raise ValueError(f"{name}: needs one a member, {len(place)}; has shape {value.shape}")
        if not np.isfinite(value).all() or (value < 0).any() or not value.sum():
            raise ValueError(f"{name}: must be 0 or more, not all 0 and not missing")
        values[name] = value
    if values["saliences"].max() > 1:
        raise ValueError(
            f"saliences: {values['saliences'].max():g} is above 1; they run from 0 to 1 (divide percentages by 100)"
        )
    if not (values["capabilities"] * values["saliences"]).sum():
        raise ValueError("saliences: nobody with capability cares; capability x salience is 0 for all")
    return place, values["capabilities"], values["saliences"]
