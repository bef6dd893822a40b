"""The coupled model beside each of its parts alone."""

from __future__ import annotations

from ...engine.model import Model
from ..coupled import NOTES, alone, contest
from ..evidence import Evidence
from ..past_world import STARTED
from ..settings import RowSettings


def parts(settings: RowSettings) -> Evidence:
    """Each part's outcome in the coupled model, against the same with every other mechanism cut."""
    model = Model.default()
    for part in model.mechanisms:
        if part.name not in STARTED:
            model = model.without(part.name)
    single = {name: alone(model, name) for name in STARTED}
    tally, left_out = contest(
        model, single, settings.years, settings.horizons, settings["draws"], "part alone"
    )
    gone = tuple(
        f"{origin}: {len(states)} states left out ({', '.join(states)})"
        for origin, states in left_out.items()
        if states
    )
    return Evidence(tally.contests(), tally.covered(), notes=(*NOTES, *gone))
