"""Live settings: what may be turned while a run is under way."""

import math
from collections.abc import Iterator

from core.errors import ConfigError
from core.training.events import SettingEvent


class Dials:
    """The live settings of one run, by name.

    The consumer of a lab's events turns a dial between two events; the loop takes what was
    turned before its next update and reports it, so a change is never lost nor half applied.
    `history` holds all that took effect.
    """

    def __init__(self, **values: float) -> None:
        self.values = dict(values)
        self.history: list[SettingEvent] = []
        self._turned: list[str] = []

    def __getitem__(self, name: str) -> float:
        return self.values[name]

    def turn(self, name: str, value: float) -> None:
        """Set the dial `name` to `value` for the next update.

        Raises:
            ConfigError: this run has no such dial, or the value is negative or not finite.
        """
        if name not in self.values:
            known = ", ".join(sorted(self.values)) or "none"
            raise ConfigError(f"This run has no live setting '{name}'; it has: {known}.")
        if not 0 <= value < math.inf:
            raise ConfigError(f"{name} is {value:g}; it must be a finite number from 0 up.")
        self.values[name] = float(value)
        self._turned.append(name)

    def take(self, step: int) -> Iterator[SettingEvent]:
        """Yield one event for each dial that was turned since the last call."""
        turned, self._turned = dict.fromkeys(self._turned), []
        for name in turned:
            event = SettingEvent(step=step, name=name, value=self.values[name])
            self.history.append(event)
            yield event
