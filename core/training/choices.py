"""The names that settings choose from. No torch here: the server reads them."""

from typing import Literal

Optimizer = Literal["sgd", "momentum", "adam"]
ClipRule = Literal["none", "norm", "value", "agc", "percentile"]
NonFinitePolicy = Literal["propagate", "skip"]
CorpusName = Literal["king-james", "movie-reviews", "own"]
