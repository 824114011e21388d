"""About how long a serving run takes: prices fitted once, on two cores of a CPU."""

from core.labs.serving_config import ServingConfig


def estimate_serving(config: ServingConfig) -> float:
    """Return about how many seconds a run of `config` takes."""
    return 20.0 + 10.0 * len(config.variants)
