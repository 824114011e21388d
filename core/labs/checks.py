"""What a setting may be: the checks that all configs share."""

from collections.abc import Sequence

from core.errors import ConfigError


def check_range(name: str, value: float, low: float, high: float) -> None:
    """Raise ConfigError unless `low` <= `value` <= `high`; NaN is outside every range."""
    if not low <= value <= high:
        raise ConfigError(f"{name} is {value:g}; it must be from {low:g} to {high:g}.")


def check_choice(name: str, value: str, choices: Sequence[str]) -> None:
    """Raise ConfigError unless `value` is one of `choices`."""
    if value not in choices:
        raise ConfigError(f"{name} is '{value}'; it must be one of {', '.join(choices)}.")
