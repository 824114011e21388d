"""Configs as plain JSON values, and back, for files, command lines and links."""

import dataclasses
import types
from collections.abc import Mapping
from typing import Any, Literal, get_args, get_origin, get_type_hints

from core.errors import ConfigError
from core.labs.config import Config, find_lab


def config_to_json(config: Config) -> dict[str, Any]:
    """Return the config as plain JSON values."""
    return {
        key: list(value) if isinstance(value, tuple) else value
        for key, value in dataclasses.asdict(config).items()
    }


def config_from_json(lab: str, values: Mapping[str, Any]) -> Config:
    """Return the config of `lab` with `values` over its defaults.

    A value may be the text of a command line ("50", "rnn,gru", "true").

    Raises:
        ConfigError: an unknown setting, a value of the wrong type, or one out of range.
    """
    entry = find_lab(lab)
    if not isinstance(values, Mapping):
        raise ConfigError("The settings are no table of names and values.")
    hints = get_type_hints(entry.config)
    for key in values:
        if key not in hints:
            raise ConfigError(f"{lab} has no setting '{key}'; it has: {', '.join(hints)}.")
    return entry.config(**{key: _as_type(key, value, hints[key]) for key, value in values.items()})


def _as_type(name: str, value: Any, hint: Any) -> Any:
    if get_origin(hint) is tuple:
        items = value.split(",") if isinstance(value, str) else value
        if not isinstance(items, list | tuple):
            raise ConfigError(f"{name} is '{value}'; it must be a list, as in a,b.")
        return tuple(_as_type(name, item, get_args(hint)[0]) for item in items if item != "")
    if get_origin(hint) in (Literal, types.UnionType):
        return value
    try:
        if hint is bool:
            return value if isinstance(value, bool) else _as_bool(value)
        if hint is int and isinstance(value, float) and value != int(value):
            raise ValueError
        return hint(value)
    except (KeyError, OverflowError, TypeError, ValueError):
        kind = {int: "a whole number", float: "a number", bool: "true or false"}[hint]
        raise ConfigError(f"{name} is '{value}'; it must be {kind}.") from None


def _as_bool(text: str) -> bool:
    return {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}[
        str(text).lower()
    ]
