"""R files that hold several tables or networks: taken apart into tidy tables.

Networks are igraph objects: [n, directed, from, to, ...] with graph, vertex and edge attributes in the ninth place.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ...errors import DataError
from .r_files import plain, read_r

NETWORK = 9


def edges(graph: Any) -> pd.DataFrame:
    """An igraph object's edges: state, partner (vertex names, blank ones missing), and edge attributes."""
    if not isinstance(graph, list) or len(graph) < NETWORK:
        raise DataError("an R network does not have the expected form")
    about, vertex, edge = graph[NETWORK - 1][1:4]
    names = vertex.get("name", vertex.get("vertex.names"))
    if names is None:
        raise DataError("an R network has no vertex names")
    names = np.array([name if name not in ("", "NA") else None for name in names], dtype=object)
    start, end = (np.asarray(graph[place], dtype=np.int64) for place in (2, 3))
    columns = {
        str(key): value for key, value in edge.items() if str(key) != "na" and len(value) == len(start)
    }
    frame = pd.DataFrame({"state": names[start], "partner": names[end], **columns})
    for key, value in about.items():
        frame.insert(0, str(key), np.repeat(np.asarray(value), len(frame)))
    return frame.assign(directed=bool(graph[1][0]))


def diplomatic_ties(path: Path) -> dict[str, pd.DataFrame]:
    """Ties by year. Undirected years list a tie once for each direction it was found in, without saying which."""
    frames = [edges(graph) for graph in read_r(path.read_bytes())]
    return {"ties": plain(pd.concat(frames, ignore_index=True))}


def signed_networks(path: Path) -> dict[str, pd.DataFrame]:
    """Ties by four-year window: year ("46-49"), state, partner, sign (1 or -1), undirected."""
    graphs = read_r(path.read_bytes())["cowList"]
    frames = [edges(graph) for graph in graphs.values()]
    return {"ties": plain(pd.concat(frames, ignore_index=True))}


def tribes(path: Path) -> dict[str, pd.DataFrame]:
    """The signed network of 16 tribes: state, partner, sign, undirected."""
    return {"ties": plain(edges(read_r(path.read_bytes())["tribes"]))}


def informal_igos(path: Path) -> dict[str, pd.DataFrame]:
    """IIGO (informal bodies, spells) and MIGO (state-years); years as numbers, "NA" missing."""
    held = read_r(path.read_bytes())["memberships"]
    tables = {}
    for name, frame in held.items():
        table = plain(frame)
        for column in {"Year", "Begin", "End", "cowID", "active"} & set(table.columns):
            table[column] = pd.to_numeric(table[column], errors="coerce")
        tables[str(name)] = table
    return tables


def caliendo_parro(path: Path) -> dict[str, pd.DataFrame]:
    """The 31 x 40 data set, one table a kind; regions and sectors in the source's order."""
    held = read_r(path.read_bytes())["cp2015_nafta"]
    tables = {str(name): plain(value) for name, value in held.items() if isinstance(value, pd.DataFrame)}
    sets: Mapping[Any, Any] = held["sets"]
    for name, values in sets.items():
        tables[str(name)] = pd.DataFrame({str(name): [str(value) for value in values]})
    return tables


READERS = {
    "caliendo-parro": caliendo_parro,
    "diplomatic-ties": diplomatic_ties,
    "informal-igos": informal_igos,
    "signed-networks": signed_networks,
    "tribes": tribes,
}


def read_parts(path: Path, identifier: str) -> dict[str, pd.DataFrame]:
    """The tables of a file of several, by name."""
    return READERS[identifier](path)
