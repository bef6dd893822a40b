"""Where do states stand? Ideal points from their votes: yes, abstain, no.

`fit` follows one dimension through time, session by session; `fit_static` places states in one period in one or more
dimensions; `aligned` turns one map onto another. Votes are (state, roll call): 1 yes, 2 abstain, 3 no, NaN absent, the
code of the United Nations files. Numpy, scipy and numba only.

The model, of both: a state at x votes on roll call v as an ordered probit says, chance of at most level l =
Phi(c_vl - b_v x), levels no < abstain < yes, each roll call with its own slope and cuts (Bailey, Strezhnev & Voeten
2017). The estimator is variational EM with a Gaussian for every state's points, as Imai, Lo & Olmsted (2016) propose;
instead of augmenting the data, which creeps where slopes are steep, roll calls take Newton steps.
"""

from .dynamic import IdealPoints, fit
from .static import StaticPoints, aligned, fit_static

__all__ = ["IdealPoints", "StaticPoints", "aligned", "fit", "fit_static"]
