"""The one module that caches: the engine of this server, and what is read again and again."""

import gc
from typing import Any

import streamlit as st

from core.data.reviews import load_reviews
from core.errors import RunError
from core.labs.config import EXAMPLES, ClippingConfig, Config, GradientFlowConfig
from core.labs.config_json import config_from_json, config_to_json
from core.labs.script import Turn, write_script
from core.labs.sentiment_material import REVIEWS
from core.labs.serving_what_if import Clock, WhatIf, service_times, what_if
from core.labs.sources import reads_text, training_text
from core.practice.store import PracticeStore
from core.practice.visitor_key import KeyRing, open_key_ring
from core.runs.record import open_record
from core.runs.store import read_text
from core.serving.queueing import Policy
from core.training.events import Columns
from pages.components.engine import Engine, lock, open_engine

EXAMPLE = "example"
SENTENCE_SECONDS = 30.0
"""A first question also builds the run's pairs."""
TEXT_SECONDS = 120.0
"""A first question also reads the reviews and fits what has no weights."""
LONG_SECONDS = 600.0
"""What a pretrained model may take, its download included."""


@st.cache_resource(show_spinner=False)
def engine() -> Engine:
    """Return this server's engine: one for all sessions, also after "Clear cache"."""
    found = open_engine()
    gc.collect()
    gc.freeze()  # Streamlit collects all generations after every run: 90 ms become 6 ms
    return found


@st.cache_resource(show_spinner=False)
def key_ring() -> KeyRing:
    """Return what signs the keys of this server's visitors.

    Raises:
        PracticeError: the server's secret can be neither read nor written.
    """
    return open_key_ring(engine().store.home)


@st.cache_resource(show_spinner=False)
def practice_store() -> PracticeStore:
    """Return the store of everybody's practice on this server.

    Raises:
        PracticeError: its database cannot be opened.
    """
    return PracticeStore(home=engine().store.home)


def start_run(
    lab: str, config: Config, *, visitor: str, label: str = "", text: str | None = None
) -> str:
    """Create a run of `lab`, hand it to the pool, and return its id.

    Raises:
        RunRefused: the queue is full or the server is closing.
    """
    found = engine()
    run_id = found.store.create(lab, config, visitor=visitor, label=label, text=text)
    try:
        found.pool.submit(run_id)
    except RunError:
        found.store.delete(run_id)
        raise
    return run_id


def example_run(lab: str) -> str:
    """Return the id of this lab's example: a small real run, made once and shared."""
    config = EXAMPLES[lab]
    wanted = config_to_json(config)
    with lock:
        found = engine()
        known = found.examples.get(lab)
        if known and _is_usable(found, known):
            return known
        stored = (run.id for run in found.store.listing(EXAMPLE) if run.lab == lab)
        usable = (
            run_id
            for run_id in stored
            if found.store.header(run_id).config == wanted and _is_usable(found, run_id)
        )
        run_id = next(usable, None) or start_run(lab, config, visitor=EXAMPLE, label=EXAMPLE)
        found.examples[lab] = run_id
        return run_id


def _is_usable(found: Engine, run_id: str) -> bool:
    """Return whether a stored run is done, or under way here."""
    try:
        return found.pool.is_live(run_id) or found.store.last_state(run_id).state == "done"
    except RunError:
        return False


def delete_run(run_id: str) -> None:
    """Remove a stored run, and what was cached of its text.

    Raises:
        RunError: it is queued or under way.
    """
    engine().store.delete(run_id)
    script_of.clear()
    gates_over_text.clear()
    translated.clear()
    text_reading.clear()
    queue_answer.clear()


@st.cache_data(max_entries=256, show_spinner=False)
def gradient_picture(settings: dict[str, float]) -> dict[str, Columns]:
    """Return the gradient at initialization; see `core.labs.what_if.gradient_picture`."""
    return engine().desk.ask("core.labs.what_if:gradient_picture", settings)


@st.cache_data(max_entries=64, show_spinner=False)
def gates_over_text(run_id: str, model: str, checkpoint: str, text: str) -> dict[str, Any]:
    """Return the gates of a stored run's model over `text`."""
    store = engine().store
    folder = store.folder(run_id)
    question = {
        "config": store.header(run_id).config,
        "checkpoint": str(folder / checkpoint),
        "model": model,
        "text": text,
        "own_text": read_text(folder),
    }
    return engine().desk.ask("core.labs.what_if:gates_over_text", question)


@st.cache_data(max_entries=64, show_spinner=False)
def translated(run_id: str, model: str, checkpoint: str, asked: dict[str, Any]) -> dict[str, Any]:
    """Return what a stored run's model makes of a sentence; see `translation_desk.translate`."""
    store = engine().store
    folder = store.folder(run_id)
    question = {
        "config": store.header(run_id).config,
        "checkpoint": str(folder / checkpoint),
        "model": model,
        "own_text": read_text(folder),
        **asked,
    }
    target = "core.labs.translation_desk:translate"
    return engine().desk.ask(target, question, timeout=SENTENCE_SECONDS)


@st.cache_data(max_entries=64, show_spinner=False)
def text_reading(run_id: str, model: str, asked: dict[str, Any]) -> dict[str, Any]:
    """Return how the models of a stored run read a text; see `sentiment_desk.read_text`."""
    found = engine()
    folder = found.store.folder(run_id)
    weights = open_record(found.store, run_id).checkpoints
    question = {
        "config": found.store.header(run_id).config,
        "checkpoints": {each["model"]: str(folder / each["file"]) for each in weights},
        "model": model,
        "own_text": read_text(folder),
        **asked,
    }
    return found.desk.ask("core.labs.sentiment_desk:read_text", question, timeout=TEXT_SECONDS)


@st.cache_data(max_entries=64, show_spinner="The encoder reads the answer ...")
def similar_to_points(points: tuple[str, ...], answer: str) -> dict[str, Any]:
    """Return the sentence of an answer most like each point; see `practice.similarity`."""
    question = {"points": list(points), "answer": answer}
    target = "core.practice.similarity:similar_sentences"
    return engine().desk.ask(target, question, timeout=SENTENCE_SECONDS)


@st.cache_data(max_entries=512, show_spinner=False)
def queue_answer(run_id: str, sizes: int, settings: dict[str, float]) -> WhatIf:
    """Return what a stored run's model would do with a stream of requests; see `what_if`.

    `sizes` is how many batch sizes the run has timed so far: with more, another answer.

    Raises:
        ConfigError: the settings ask for larger batches than were timed.
    """
    del sizes
    tables = open_record(engine().store, run_id).tables
    samples = tables["samples", ""].latest.columns
    machine = tables.get(("machine", ""))
    clock: Clock = "cpu" if machine and machine.latest.columns.get("clock") == ["cpu"] else "wall"
    policy = Policy(
        max_batch=int(settings["max_batch"]),
        max_wait_ms=settings["max_wait_ms"],
        replicas=int(settings["replicas"]),
    )
    return what_if(
        service_times(samples, clock),
        policy,
        rate=settings["rate"],
        deadline_ms=settings["deadline_ms"],
    )


@st.cache_data(max_entries=2, show_spinner="Counting the words of the reviews ...")
def review_lengths(source: str) -> list[int]:
    """Return how many words each text of a built-in source of reviews has.

    Raises:
        DataMissingError: the package of the reviews is not installed.
    """
    return [len(each.words) for each in load_reviews(REVIEWS[source]).examples]


@st.cache_data(max_entries=8, show_spinner=False)
def pretrained_answer(question: dict[str, Any]) -> dict[str, Any]:
    """Return the translations of a pretrained model; see `evaluate_pretrained`."""
    target = "core.labs.pretrained_evaluation:evaluate_pretrained"
    return engine().long_desk.ask(target, question, timeout=LONG_SECONDS)


@st.cache_data(max_entries=16, show_spinner=False)
def pretrained_maps(question: dict[str, Any]) -> dict[str, Any]:
    """Return the attention of one sentence; see `pretrained_attention`."""
    target = "core.labs.pretrained_evaluation:pretrained_attention"
    return engine().long_desk.ask(target, question, timeout=LONG_SECONDS)


@st.cache_data(max_entries=16, show_spinner=False)
def script_of(run_id: str, turns: tuple[Turn, ...]) -> str:
    """Return the stand-alone script of a stored run; `turns` are its changed live settings."""
    store = engine().store
    header = store.header(run_id)
    config = config_from_json(header.lab, header.config)
    text = read_text(store.folder(run_id))
    if reads_text(config) and isinstance(config, GradientFlowConfig | ClippingConfig):
        text, _ = training_text(config.corpus, config.characters, text)
    return write_script(header.lab, config, text=text, turns=turns)
