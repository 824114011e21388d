"""The settings of the sentiment lab as one compact form."""

from collections.abc import Sequence

import streamlit as st

from core.data.labelled import words_of
from core.errors import DataMissingError
from core.labs.about import SENTIMENT_SOURCES, SIZINGS
from core.labs.sentiment_config import SentimentConfig
from core.labs.sentiment_material import REVIEWS, length_columns
from core.labs.sentiment_shown import cut_sentence
from core.models.classifiers import CLASSIFIERS
from core.models.encoder_files import INSTALL, encoder_is_installed
from pages.components import state
from pages.components.cache import review_lengths
from pages.components.config_form import PLACE_FIELDS, Field, SettingsForm, settings_end
from pages.components.figures.sentiment import cap_figure
from pages.components.labelled_picker import labelled_picker
from pages.components.live_chart import live_chart
from pages.components.run_view import RunView, machine_scale

LAB = "sentiment"
ABOUT = {
    "mr": "8,530 sentences of film reviews, half of them positive (Pang and Lee 2005). Half have "
    "up to 21 words: an epoch takes seconds.",
    "imdb": "24,902 whole film reviews, half of them positive (Maas et al. 2011). Half have more "
    "than 200 words: where they are cut decides what is read, and how long it takes.",
    "own": "Texts that you bring, each with its label: two or more classes of any names.",
}
SOURCE_DEFAULTS: dict[str, dict[str, int]] = {
    "mr": {"most_words": 60, "pad_to": 60, "folds": 3},
    "imdb": {"most_words": 200, "pad_to": 200, "folds": 1},
    "own": {"most_words": 200, "pad_to": 200, "folds": 3, "rows": 0},
}
"""What each source is tried with first."""
LONGEST = {"mr": 60, "imdb": 600, "own": 600}
"""Where the slider of the cap ends."""
TESTS = {"same": "A part held out", **SENTIMENT_SOURCES}
CAP_HEIGHT = 150
OWN_LENGTHS = "sentiment:own_lengths"
DOWNLOAD = (
    "The encoder is looked for on this machine only. With the switch on, SeqScope asks "
    "huggingface.co for it by name and keeps it here, often several hundred MB; your texts are "
    "not sent."
)
SOURCE = Field(
    name="source",
    label="Train on",
    kind="choice",
    options=list(SENTIMENT_SOURCES),
    labels=SENTIMENT_SOURCES,
)
RACERS = Field(
    name="models",
    label="Models, side by side",
    kind="list",
    options=list(CLASSIFIERS),
    labels={name: spec.label for name, spec in CLASSIFIERS.items()},
    help='"As written" is the code that answers write down, without mask or packing.',
)
ENCODER = Field(
    name="encoder",
    label="Encoder: a folder, or a name on the Hugging Face hub",
    kind="text",
    high=500,
    help="Empty: the packaged MiniLM. Another one needs the package transformers.",
)
CONSENT = Field(name="download", label="Download it where it is not here", kind="switch")
MORE = (
    Field(
        name="folds",
        label="Folds",
        kind="slider",
        low=1,
        high=10,
        help="Each splits the texts anew, with a seed of its own.",
    ),
    Field(
        name="rows",
        label="Texts used",
        kind="number",
        low=0,
        high=1_000_000,
        step=500,
        help="0 uses all.",
    ),
    Field(
        name="sizing",
        label="Sizes of the models",
        kind="choice",
        options=list(SIZINGS),
        labels={name: label.capitalize() for name, label in SIZINGS.items()},
        help="Equal ones are those of the LSTM, beside the embedding, within 5 %.",
    ),
    Field(
        name="least_count",
        label="A word is known from",
        kind="number",
        low=1,
        high=1000,
        step=1,
        help="So many times it must occur in the texts to train on.",
    ),
    Field(name="width", label="Embedding width", kind="slider", low=16, high=512, step=4),
    Field(name="hidden", label="Hidden units", kind="slider", low=16, high=512, step=16),
    Field(name="layers", label="Layers", kind="slider", low=1, high=4),
    Field(name="dropout", label="Dropout", kind="slider", low=0, high=0.9, step=0.05),
    Field(name="epochs", label="Epochs at most", kind="slider", low=1, high=30),
    Field(
        name="patience",
        label="Patience (epochs)",
        kind="slider",
        low=1,
        high=10,
        help="Training stops so long after the best epoch on texts of their own.",
    ),
    Field(name="batch_size", label="Texts a batch", kind="number", low=1, high=512, step=10),
    Field(
        name="learning_rate", label="Learning rate", kind="number", low=1e-6, high=1, step=0.0005
    ),
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
        name="pad_to",
        label="The code as written pads to",
        kind="number",
        low=5,
        high=2000,
        step=10,
        help="Words. The right code does not depend on padding.",
    ),
    *PLACE_FIELDS,
)


def sentiment_form(view: RunView) -> None:
    """Show the settings and the button that trains."""
    assert isinstance(view.config, SentimentConfig)
    form = SettingsForm(LAB, view.config, view.id)

    def source_changed() -> None:
        source = form.value("source")
        form.set(SOURCE_DEFAULTS[source])
        form.leave_preset()
        if form.value("test_source") == source:
            form.set({"test_source": "same"})

    def kept() -> Sequence[str]:
        is_own = "own" in (form.value("source"), form.value("test_source"))
        return ("source", "test_source", "most_words") if is_own else ()

    with st.container(border=True, key="settings"):
        form.presets(machine_scale(LAB), keep=kept)
        with st.container(horizontal=True, vertical_alignment="bottom", key="settings_row"):
            with st.container(width=230):
                source = form.field(SOURCE, on_change=source_changed)
            with st.container(width=230):
                test_source = form.field(_test_field(source))
        used = form.value("rows")
        said = f" At most {used:,} of them are used." if used else ""
        st.caption(f"{ABOUT[source]}{said}")
        form.field(RACERS)
        if set(form.value("models")) & set(PRETRAINED):
            _encoder(form)
        if "own" in (source, test_source):
            labelled_picker("sentiment_rows", to_test=source != "own")
        _cap(form, source)
        settings_end(form, MORE, "Train")


PRETRAINED = tuple(name for name, spec in CLASSIFIERS.items() if spec.family == "pretrained")


def _test_field(source: str) -> Field:
    options = [name for name in TESTS if name != source]
    return Field(
        name="test_source",
        label="Test on",
        kind="choice",
        options=options,
        labels=TESTS,
        help="Texts that no model has seen; of another source, what differs counts as error too.",
    )


def _encoder(form: SettingsForm) -> None:
    """Ask which encoder the pretrained models start from, and whether it may be fetched."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="encoder_row"):
        with st.container(width=460):
            name = form.field(ENCODER)
        form.field(CONSENT)
    if name.strip():
        st.caption(DOWNLOAD)
    elif not encoder_is_installed():
        st.info(INSTALL, icon=":material/info:")


def _cap(form: SettingsForm, source: str) -> None:
    """Ask where texts are cut, and show what that cuts off, before anything is trained."""
    left, right = st.columns([2, 3], vertical_alignment="center")
    with left:
        cap = form.field(
            Field(
                name="most_words",
                label="Cut each text after (words)",
                kind="slider",
                low=5,
                high=LONGEST[source],
                step=5,
            )
        )
    lengths = _lengths(source)
    if not lengths:
        return
    columns = length_columns(lengths, cap)
    left.caption(cut_sentence(columns))
    if source == "own":
        return  # the picker shows how long they are
    with right:
        live_chart(
            cap_figure(columns),
            key="chart_cap",
            label="How many texts have how many words, and where they are cut",
            height=CAP_HEIGHT,
        )


def _lengths(source: str) -> Sequence[int]:
    """Return how many words the texts to train on have; none where they are not there (yet)."""
    if source not in REVIEWS:
        return _own_lengths()
    try:
        return review_lengths(source)
    except DataMissingError as error:
        st.error(str(error), icon=":material/error:")
        return []


def _own_lengths() -> Sequence[int]:
    """Return the lengths of the visitor's own texts, counted once."""
    labelled = state.own_labelled()
    if labelled is None:
        return []
    known, lengths = state.setting(OWN_LENGTHS, (None, []))
    if known is not labelled.rows:
        lengths = [len(words_of(text)) for text, _ in labelled.rows]
        state.put_setting(OWN_LENGTHS, (labelled.rows, lengths), over=True)
    counted: Sequence[int] = lengths
    return counted
