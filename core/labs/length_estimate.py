"""About how long a length run takes: prices fitted once, on two cores of a CPU."""

from core.labs.length_config import LengthConfig


def estimate_length(config: LengthConfig) -> float:
    """Return about how many seconds a run of `config` takes."""
    return 3.0 * config.seeds * (len(config.trained_models) + 2 * len(config.remedies))
