"""Settings as widgets: the rest of a page sees the frozen config they make, never the widgets."""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Literal

import streamlit as st

from core.errors import ConfigError
from core.labs.config import PRESETS, Config
from core.labs.config_json import config_from_json, config_to_json
from core.labs.estimate import estimate_seconds, in_words
from core.labs.serving_config import ServingConfig
from core.labs.sources import reads_text
from pages.components import state
from pages.components.run_view import launch


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """How one setting of a config is asked for."""

    name: str
    label: str
    kind: Literal["slider", "number", "choice", "many", "list", "switch", "text"]
    options: Sequence[Any] = ()
    labels: Mapping[Any, str] = dataclasses.field(default_factory=dict)
    low: float = 0
    high: float = 1
    step: float = 1
    help: str | None = None


FORGET_BIAS = Field(
    name="forget_bias",
    label="Forget bias",
    kind="slider",
    low=-2,
    high=5,
    step=0.25,
    help='What "LSTM forget bias" starts with.',
)
SIZE_FIELDS = (
    Field(name="hidden", label="Hidden units", kind="slider", low=16, high=256, step=16),
    Field(name="layers", label="Layers", kind="slider", low=1, high=3),
    Field(name="batch_size", label="Sequences a batch", kind="number", low=1, high=512, step=16),
    FORGET_BIAS,
)
PLACE_FIELDS = (
    Field(name="seed", label="Seed", kind="number", low=0, high=2**31 - 1, step=1),
    Field(name="device", label="Device", kind="choice", options=("auto", "cpu", "cuda", "mps")),
)


class SettingsForm:
    """The settings of one lab; values live under `lab.name` and outlast a switch of pages.

    They start at `base`, the config of the run that is shown, and take it again whenever
    `run_id` is another run than at the last draw.
    """

    def __init__(self, lab: str, base: Config, run_id: str) -> None:
        self.lab = lab
        self.base = config_to_json(base)
        self.scale = 1.0
        is_another = state.form_follows(lab, run_id)
        if is_another:
            self.leave_preset()
        for name, value in self.base.items():
            state.put_setting(self._key(name), value, over=is_another)

    def _key(self, name: str) -> str:
        return _key(self.lab, name)

    def value(self, name: str) -> Any:
        """Return what the setting stands at."""
        return state.setting(self._key(name), self.base[name])

    def set(self, values: Mapping[str, Any]) -> None:
        """Set several settings at once; call it from a callback, before the widgets are shown."""
        _put(self.lab, values)

    def leave_preset(self) -> None:
        """Show no preset as chosen: the settings are no longer those of one."""
        state.put_setting(f"{self.lab}:preset", None, over=True)

    def presets(self, scale: float, *, keep: Callable[[], Sequence[str]] = tuple) -> None:
        """Show the presets, each with about how long it takes here.

        A preset leaves the settings that `keep` names, when one is chosen, as they are. `scale`
        is how much slower this machine is than the estimate.
        """
        self.scale = scale
        presets = PRESETS[self.lab]
        labels = {
            name: f"{name} · {in_words(estimate_seconds(config, scale=scale))}"  # type: ignore[arg-type]
            for name, config in presets.items()
        }

        def choose() -> None:
            chosen = state.setting(f"{self.lab}:preset", None)
            if chosen:
                values = _without_place(config_to_json(presets[chosen]))
                self.set({name: values[name] for name in values.keys() - set(keep())})

        st.segmented_control(
            "Preset",
            list(presets),
            format_func=labels.__getitem__,
            key=f"{self.lab}:preset",
            on_change=choose,
            persist_state="session",
            help="Sets everything below at once. Large is meant for a GPU.",
        )

    def field(self, field: Field, **on_change: Any) -> Any:
        """Show one setting and return its value."""
        key = self._key(field.name)
        shared: dict[str, Any] = {
            "key": key,
            "help": field.help,
            "persist_state": "session",
            **on_change,
        }
        match field.kind:
            case "slider":
                low, high, step = self._span(field)
                return st.slider(field.label, low, high, step=step, **shared)
            case "number":
                low, high, step = self._span(field)
                form = "%d" if isinstance(step, int) else "%g"
                return st.number_input(field.label, low, high, step=step, format=form, **shared)
            case "choice":
                names = field.labels or {o: str(o) for o in field.options}
                return st.selectbox(
                    field.label, list(field.options), format_func=names.__getitem__, **shared
                )
            case "many" | "list":
                return _several(field, shared)
            case "switch":
                return st.toggle(field.label, **shared)
            case "text":
                return st.text_input(field.label, max_chars=int(field.high), **shared)

    def _span(self, field: Field) -> tuple[Any, Any, Any]:
        """Return low, high and step in the setting's own type.

        A run of the command line may stand beyond what the form offers: then the form reaches it.
        """
        kind = type(self.base[field.name])
        values = (self.base[field.name], self.value(field.name))
        low, high = min(field.low, *values), max(field.high, *values)
        return kind(low), kind(high), kind(field.step)

    def config(self) -> Config | None:
        """Return the config that the settings make, or say what is wrong and return None."""
        try:
            return self._made()
        except ConfigError as error:
            st.error(str(error))
            return None

    def train(self) -> None:
        """Start a run with the settings as they are now; for a button's callback.

        A setting may have changed since the page was last drawn, by the very click that left it.
        """
        with suppress(ConfigError):  # the page, drawn next, says what is wrong
            launch(self.lab, self._made())

    def _made(self) -> Config:
        config = config_from_json(self.lab, {name: self.value(name) for name in self.base})
        if reads_text(config) and config.corpus == "own" and state.brought_for(config) is None:
            raise ConfigError(_not_brought(config))
        return config


def _not_brought(config: Config) -> str:
    """Return what to say where a text of the visitor's own is asked for and is not there."""
    if isinstance(config, ServingConfig):
        wanted = "an ONNX file" if config.source == "onnx" else "a sentiment run and its model"
        return f"There is no model to serve yet: choose {wanted}, or serve a fresh LSTM."
    if state.reads_labelled(config):
        return (
            "There are no labelled texts of yours yet: paste or upload some, or choose another "
            "source."
        )
    kind = "parallel text" if state.reads_pairs(config) else "text"
    return f"There is no {kind} of yours yet: paste or upload one, or choose another."


def _several(field: Field, shared: dict[str, Any]) -> Any:
    """Show a choice of several: as pills, or as a list to search where there are many."""
    options, name = list(field.options), field.labels.__getitem__
    if field.kind == "many":
        return st.pills(field.label, options, selection_mode="multi", format_func=name, **shared)
    placeholder = "Choose at least one"
    return st.multiselect(field.label, options, format_func=name, placeholder=placeholder, **shared)


def settings_end(form: SettingsForm, more: Sequence[Field], label: str) -> None:
    """Show the button that trains, the rarer settings folded away, and about how long it takes.

    How long a text of the visitor's own takes is not known before it is read.
    """
    with st.container(horizontal=True, vertical_alignment="center", key="settings_end"):
        place = st.container(width="content")
        with st.popover("More settings", icon=":material/tune:", key="more_settings"):
            columns = st.columns(2)
            for index, field in enumerate(more):
                with columns[index % 2]:
                    form.field(field)
        time = st.container(width="content")
    config = form.config()
    if config is not None and not (reads_text(config) and config.corpus == "own"):
        seconds = estimate_seconds(config, scale=form.scale)  # type: ignore[arg-type]
        time.caption(f"About {in_words(seconds)} here.")
    place.button(
        label,
        icon=":material/play_arrow:",
        type="primary",
        key="train",
        disabled=config is None,
        on_click=form.train,
    )


def start_afresh(lab: str, values: Mapping[str, Any]) -> None:
    """Set settings of `lab` for its next visit, which follows no run until one is started."""
    _put(lab, values)
    state.put_setting(f"{lab}:preset", None, over=True)  # they are those of none
    state.forget_run(lab)
    state.free_form(lab)


def is_set(lab: str, values: Mapping[str, Any]) -> bool:
    """Return whether the form of `lab` stands at these settings."""
    return all(state.setting(_key(lab, name), None) == value for name, value in values.items())


def _put(lab: str, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        state.put_setting(_key(lab, name), value, over=True)


def _key(lab: str, name: str) -> str:
    return f"{lab}.{name}"


def _without_place(values: dict[str, Any]) -> dict[str, Any]:
    """A preset says how large a run is, not with which seed or on which text or device."""
    kept = ("seed", "device", "threads", "corpus", "characters", "probe_text")
    return {name: value for name, value in values.items() if name not in kept}
