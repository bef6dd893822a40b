"""Is a friend's friend a friend? How far a network of friendly and hostile ties is from structural balance.

`frustration` finds the two camps with the least weight of ties in the wrong place, `clusters` the same for k camps,
`triangles` and `walks` measure balance without dividing anybody. A network is balanced when every cycle has an even
number of hostile ties (Heider 1946; Cartwright & Harary 1956).

Every function takes a symmetric adjacency (state, state): above 0 a friendly tie, below 0 a hostile one, 0 none; the
size of an entry is its weight. Numpy, scipy and numba only.
"""

from .clusters import clusters
from .frustration import frustration
from .network import Division
from .walks import Triangles, Walks, triangles, walks

__all__ = ["Division", "Triangles", "Walks", "clusters", "frustration", "triangles", "walks"]
