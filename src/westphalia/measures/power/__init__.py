"""How concentrated power is: capability indices, concentration, poles, parity, and how sure all that is.

States run along the last axis; every function of shares keeps the leading ones, so ensembles and years go in at once.
One measure is no measure: `specification_curve` sets every measure against every rule for counting poles.
"""

from .index import cinc, net_resources, weighted_index
from .parity import ChanceOfParity, Parity, chance_of_parity, parity, rank_intervals
from .poles import (
    SpecificationCurve,
    by_camp,
    concentration,
    count_above,
    effective_poles,
    herfindahl,
    rules_of_poles,
    specification_curve,
)

__all__ = [
    "ChanceOfParity",
    "Parity",
    "SpecificationCurve",
    "by_camp",
    "chance_of_parity",
    "cinc",
    "concentration",
    "count_above",
    "effective_poles",
    "herfindahl",
    "net_resources",
    "parity",
    "rank_intervals",
    "rules_of_poles",
    "specification_curve",
    "weighted_index",
]
