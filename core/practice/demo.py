"""What a guided demo is: steps that one says aloud, each with charts and the next thing to do."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from core.claims.catalogue import find_claim
from core.errors import ConfigError
from core.labs.checks import check_choice, check_range
from core.labs.config import PRESETS, Config, find_lab
from core.labs.config_json import config_from_json, config_to_json
from core.labs.serving_config import ServingConfig
from core.labs.translation_config import TranslationConfig

FILE = Path(__file__).parent / "demos.toml"
MOST_SECONDS = 120
MOST_CHARTS = 2
MOST_SAID = 320
"""Characters of what is said in one step: a sentence or two."""
QUEUE_SETTINGS = ("rate", "replicas", "max_batch", "max_wait_ms", "deadline_ms")
_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """Start the demo's run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """Turn a live setting of the run; "inject" 1 plants an infinite gradient, 2 a NaN."""

    dial: str
    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """Stop the run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """Put a claim to the test: the next step shows its verdict."""

    claim: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """Ask a model of the run for the translation of a sentence, and where it looks."""

    model: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Serve:
    """Set the sliders of the queue; `label` is what this way of serving is called."""

    label: str
    settings: tuple[tuple[str, float], ...]


Action = Start | Turn | Stop | Check | Ask | Serve
ACTIONS: dict[str, type[Action]] = {
    "start": Start,
    "turn": Turn,
    "stop": Stop,
    "check": Check,
    "ask": Ask,
    "serve": Serve,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """What a step waits for: the run's end, an update, or a first table of that name.

    `says` is how it is said: "until ...".
    """

    says: str
    done: bool = False
    update: int | None = None
    table: str = ""

    def __post_init__(self) -> None:
        if self.done + (self.update is not None) + bool(self.table) != 1:
            raise ConfigError("a step waits for one of: done, update, table.")
        if not self.says.strip():
            raise ConfigError("what a step waits for must be said.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step.

    Attributes:
        say: one or two sentences to say aloud.
        notes: for the speaker: what to point at, what is likely asked and its answer.
        charts: names of one or two charts to look at; see `pages.components.demo_charts`.
        button: what its button says; empty in the last step only.
        action: what the button does; without one it goes on to what the next step shows.
        dial: a live setting that can be turned by hand in this step.
        until: what is worth waiting for before one goes on.
    """

    say: str
    notes: tuple[str, ...]
    charts: tuple[str, ...]
    button: str = ""
    action: Action | None = None
    dial: str = ""
    until: Wait | None = None

    def __post_init__(self) -> None:
        check_range("length of say", len(self.say.strip()), 1, MOST_SAID)
        check_range("number of notes", len(self.notes), 1, 6)
        check_range("number of charts", len(self.charts), 1, MOST_CHARTS)
        if not all(text.strip() for text in (*self.notes, *self.charts)):
            raise ConfigError("a note and a chart must not be empty.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Demo:
    """A demo of one lab: the last step has its punch line, told from the run's own numbers.

    `settings` stand over the lab's quick preset; `promise` is the punch line in words, without
    numbers; `seconds` is about how long it takes to show.
    """

    name: str
    lab: str
    title: str
    question: str
    promise: str
    seconds: int
    settings: tuple[tuple[str, object], ...]
    steps: tuple[Step, ...]

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise ConfigError(f"'{self.name}' is no name of a demo; it must be like-this.")
        find_lab(self.lab)
        if not (self.title.strip() and self.question.strip() and self.promise.strip()):
            raise ConfigError("a demo needs a title, a question and a promise.")
        check_range("seconds", self.seconds, 10, MOST_SECONDS)
        check_range("number of steps", len(self.steps), 3, 12)
        config = self.config
        if sum(isinstance(step.action, Start) for step in self.steps) != 1:
            raise ConfigError("exactly one step must start the run.")
        for number, step in enumerate(self.steps, start=1):
            try:
                self._check_step(step, number, config)
            except ConfigError as error:
                raise ConfigError(f"step {number}: {error}") from error

    @property
    def config(self) -> Config:
        """The config of its run: the settings over the lab's quick preset."""
        quick = config_to_json(PRESETS[self.lab]["Quick"])
        return config_from_json(self.lab, quick | dict(self.settings))

    @property
    def starts_at(self) -> int:
        """The number, from 1, of the step whose button starts the run."""
        starts = (n for n, s in enumerate(self.steps, start=1) if isinstance(s.action, Start))
        return next(starts)

    def done_before(self, number: int) -> Iterator[Action]:
        """Yield what the buttons of the steps before step `number` have done."""
        for step in self.steps[: number - 1]:
            if step.action is not None:
                yield step.action

    def ways(self) -> tuple[Serve, ...]:
        """Return the ways of serving that its steps try."""
        return tuple(s.action for s in self.steps if isinstance(s.action, Serve))

    def _check_step(self, step: Step, number: int, config: Config) -> None:
        is_last = number == len(self.steps)
        if bool(step.button.strip()) == is_last:
            raise ConfigError("every step but the last has a button.")
        if is_last and step.action is not None:
            raise ConfigError("the last step does nothing more.")
        if step.dial:
            check_choice("dial", step.dial, list(config.dials()))
        if number < self.starts_at and (step.action or step.dial or step.until):
            raise ConfigError("nothing can be turned, asked or awaited before the run starts.")
        self._check_action(step.action, config)

    def _check_action(self, action: Action | None, config: Config) -> None:
        match action:
            case Turn():
                check_choice("dial", action.dial, list(config.dials()))
            case Check():
                if find_claim(action.claim).lab != self.lab:
                    raise ConfigError(f"claim {action.claim} is not one of the lab '{self.lab}'.")
            case Ask():
                if not isinstance(config, TranslationConfig):
                    raise ConfigError("only models of the translation lab can be asked.")
                check_choice("model", action.model, config.models)
            case Serve():
                if not isinstance(config, ServingConfig):
                    raise ConfigError("only the serving lab has a queue.")
                for name, _ in action.settings:
                    check_choice("setting of the queue", name, QUEUE_SETTINGS)
            case _:
                pass


@lru_cache(maxsize=1)
def demos() -> Mapping[str, Demo]:
    """Return all demos by name, in the order of their file.

    Raises:
        ConfigError: the file is not as it must be; the message names demo and fault.
    """
    return read_demos(FILE)


def find_demo(name: str) -> Demo:
    """Return the demo `name`.

    Raises:
        ConfigError: there is no such demo; the message lists those there are.
    """
    if name not in demos():
        raise ConfigError(f"There is no demo '{name}'; there are {', '.join(demos())}.")
    return demos()[name]


def read_demos(path: Path) -> dict[str, Demo]:
    """Return the demos of a file.

    Raises:
        ConfigError: it is no TOML, or a demo in it is not as it must be.
    """
    try:
        stored = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path.name} is no TOML: {error}.") from error
    found: dict[str, Demo] = {}
    for place, values in enumerate(stored.get("demos", []), start=1):
        named = values.get("name", f"number {place}")
        try:
            demo = _demo(values)
        except (ConfigError, TypeError) as error:
            raise ConfigError(f"{path.name}, demo {named}: {error}") from error
        if demo.name in found:
            raise ConfigError(f"{path.name}: two demos have the name '{demo.name}'.")
        found[demo.name] = demo
    return found


def _demo(values: Mapping[str, Any]) -> Demo:
    given = dict(values)
    settings = _frozen(given.pop("settings", {}))
    return Demo(settings=settings, steps=tuple(map(_step, given.pop("steps", ()))), **given)


def _step(values: Mapping[str, Any]) -> Step:
    given = dict(values)
    action, until = given.pop("action", None), given.pop("until", None)
    return Step(
        notes=tuple(given.pop("notes", ())),
        charts=tuple(given.pop("charts", ())),
        action=None if action is None else _action(action),
        until=None if until is None else Wait(**until),
        **given,
    )


def _action(values: Mapping[str, Any]) -> Action:
    given = dict(values)
    kind = str(given.pop("kind", ""))
    check_choice("kind of action", kind, list(ACTIONS))
    if kind == "serve":
        queue = tuple((name, float(v)) for name, v in given.pop("settings", {}).items())
        return Serve(settings=queue, **given)
    return ACTIONS[kind](**given)


def _frozen(values: Mapping[str, Any]) -> tuple[tuple[str, object], ...]:
    return tuple((n, tuple(v) if isinstance(v, list) else v) for n, v in values.items())
