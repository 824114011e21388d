"""What a guided demo looks at: the labs' own cards by name, for the run of the demo."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import streamlit as st

from core.claims.catalogue import find_claim
from core.errors import SeqScopeError
from core.labs.config import ClippingConfig, Config, GradientFlowConfig
from core.labs.length_config import LENGTHS, LengthConfig
from core.labs.sentiment_config import SentimentConfig
from core.labs.serving_config import ServingConfig
from core.labs.translation_config import TranslationConfig
from core.practice.demo import Ask, Check, Demo, Serve
from core.runs.record import RunRecord
from pages.components import clipping_cards as clipping
from pages.components import gradient_flow_cards as flow
from pages.components import length_cards as length
from pages.components import sentiment_cards as sentiment
from pages.components import serving_cards as serving
from pages.components import translation_cards as translation
from pages.components.attention_preview import cell_table
from pages.components.cache import translated
from pages.components.claims_view import claim_cards
from pages.components.figure_card import figure_card
from pages.components.figures.attention import attention_figure, attention_height
from pages.components.figures.clipping import TWIN_NAMES
from pages.components.figures.frontier import FRONTIER_HEIGHT
from pages.components.figures.style import HEIGHT
from pages.components.remedy_cards import remedies_card
from pages.components.run_view import RunView, card_state
from pages.components.sentiment_probes import padding_lab_cards
from pages.components.serving_desk import queue_desk
from pages.components.state_cards import trace_card

NOTHING = RunRecord(Path())
"""The record of a run that was not started: every card says that there is nothing yet."""
ASKED = "core.labs.translation_desk:translate"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What stands before the audience: a step of a demo, and its run, None before it is started.

    `height` is that of a chart in pixels, where it can be chosen.
    """

    demo: Demo
    number: int
    view: RunView | None
    record: RunRecord
    height: int = HEIGHT

    @property
    def config(self) -> Config:
        """The config of the run."""
        return self.view.config if self.view else self.demo.config


def _flow(scene: Scene) -> None:
    flow.flow_card(scene.record, card_state(scene.record), height=scene.height)


def _scores(scene: Scene) -> None:
    assert isinstance(scene.config, GradientFlowConfig)
    state = card_state(scene.record)
    flow.score_card(scene.record, scene.config, state, height=scene.height)


def _flow_loss(scene: Scene) -> None:
    assert isinstance(scene.config, GradientFlowConfig)
    state = card_state(scene.record)
    flow.loss_card(scene.record, scene.config, state, height=scene.height)


def _twins(scene: Scene) -> clipping.Series:
    return {twin: c for twin in TWIN_NAMES if (c := scene.record.columns(twin))}


def _norms(scene: Scene) -> None:
    assert isinstance(scene.config, ClippingConfig)
    state = card_state(scene.record)
    clipping.norm_card(scene.record, scene.config, _twins(scene), state, height=scene.height)


def _first(scene: Scene) -> None:
    state = card_state(scene.record)
    clipping.first_card(scene.record, _twins(scene), state, height=scene.height)


def _twins_loss(scene: Scene) -> None:
    state = card_state(scene.record)
    clipping.loss_card(scene.record, _twins(scene), state, height=scene.height)


def _coefficient(scene: Scene) -> None:
    state = card_state(scene.record)
    clipping.coefficient_card(scene.record, _twins(scene), state, height=scene.height)


def _bleu(scene: Scene) -> None:
    assert isinstance(scene.config, TranslationConfig)
    translation.bleu_card(scene.record, scene.config, card_state(scene.record))


def _progress(scene: Scene) -> None:
    assert isinstance(scene.config, TranslationConfig)
    translation.progress_card(scene.record, scene.config, card_state(scene.record))


def _translation_loss(scene: Scene) -> None:
    height = max(scene.height, translation.BLEU_HEIGHT)
    translation.loss_card(scene.record, card_state(scene.record), height=height)


def _sentence(scene: Scene) -> None:
    """Show where the model that was asked last looks, once its weights are stored."""
    asked = [each for each in scene.demo.done_before(scene.number) if isinstance(each, Ask)]
    files = {each["model"]: each["file"] for each in scene.record.checkpoints}
    caption = "Target words down, source words across; each row sums to 1."
    answer, message, is_failed = None, "Its weights are stored when the run has ended.", False
    if scene.view and asked and asked[-1].model in files:
        ask = asked[-1]
        try:
            answer = translated(scene.view.id, ask.model, files[ask.model], {"source": ask.source})
        except SeqScopeError as error:
            message, is_failed = str(error), True
    if not (answer and answer["attention"]):
        figure_card(
            "Where it looks",
            None,
            pd.DataFrame(),
            key="demo_sentence",
            computed_by=ASKED,
            caption=caption,
            height=max(scene.height, translation.BLEU_HEIGHT),
            state="failed" if is_failed else "running",
            message=message,
        )
        return
    weights, source, target = answer["attention"][0], answer["source"], answer["target"]
    figure_card(
        "Where it looks",
        attention_figure(weights, source, target),
        lambda: cell_table(weights, source, target, "weight"),
        key="demo_sentence",
        computed_by=ASKED,
        caption=caption,
        height=max(scene.height, translation.BLEU_HEIGHT, attention_height(len(target))),
    )


def _accuracy(scene: Scene) -> None:
    assert isinstance(scene.config, SentimentConfig)
    shootout = sentiment.columns_of(scene.record, "shootout")
    sentiment.accuracy_card(shootout, scene.config, card_state(scene.record))


def _shootout(scene: Scene) -> None:
    assert isinstance(scene.config, SentimentConfig)
    shootout = sentiment.columns_of(scene.record, "shootout")
    sentiment.shootout_card(shootout, scene.config, card_state(scene.record))


def _sentiment_loss(scene: Scene) -> None:
    height = max(scene.height, FRONTIER_HEIGHT)
    sentiment.loss_card(scene.record, card_state(scene.record), height=height)


def _padding_lab(scene: Scene) -> None:
    assert isinstance(scene.config, SentimentConfig)
    padding_lab_cards(scene.record, scene.config)


def _curve(scene: Scene) -> None:
    assert isinstance(scene.config, LengthConfig)
    length.curve_card(scene.record, scene.config, card_state(scene.record))


def _length_loss(scene: Scene) -> None:
    assert isinstance(scene.config, LengthConfig)
    length.loss_card(scene.record, scene.config, card_state(scene.record))


def _cell_state(scene: Scene) -> None:
    assert isinstance(scene.config, LengthConfig)
    trace_card(scene.record, scene.config, "cell_norm", height=length.LARGE)


def _remedies(scene: Scene) -> None:
    assert isinstance(scene.config, LengthConfig)
    remedies_card(scene.record, scene.config, LENGTHS[-1])


def _latency(scene: Scene) -> None:
    assert isinstance(scene.config, ServingConfig)
    serving.latency_card(scene.record, scene.config, height=scene.height)


def _throughput(scene: Scene) -> None:
    assert isinstance(scene.config, ServingConfig)
    serving.throughput_card(scene.record, scene.config, height=scene.height)


def _queue(scene: Scene) -> None:
    """Show the queue's sliders, where the last way of serving has set them."""
    ways = [each for each in scene.demo.done_before(scene.number) if isinstance(each, Serve)]
    if scene.view is None or not ways:
        st.caption("The queue answers when the passes of the run are timed.")
        return
    st.caption(f"Set: {ways[-1].label[:1].lower()}{ways[-1].label[1:]}. Every slider is live.")
    queue_desk(scene.view, dict(ways[-1].settings), key=f"demo_desk{scene.number}")


def _claim(scene: Scene) -> None:
    """Show the claim that was tested last, with its verdict."""
    checks = [each for each in scene.demo.done_before(scene.number) if isinstance(each, Check)]
    if checks:
        claim_cards(scene.demo.lab, [find_claim(checks[-1].claim)], key="demo_claim")


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart that a demo can show: of which lab, and how it is drawn.

    `is_wide` takes the whole width; `is_own` follows its numbers itself, and is not drawn again
    whenever the run is looked at.
    """

    lab: str
    draw: Callable[[Scene], None]
    is_wide: bool = False
    is_own: bool = False


CHARTS: Mapping[str, Chart] = {
    "flow": Chart("gradient-flow", _flow),
    "scores": Chart("gradient-flow", _scores),
    "flow-loss": Chart("gradient-flow", _flow_loss),
    "norms": Chart("clipping", _norms),
    "first": Chart("clipping", _first),
    "twins-loss": Chart("clipping", _twins_loss),
    "coefficient": Chart("clipping", _coefficient),
    "bleu": Chart("translation", _bleu),
    "progress": Chart("translation", _progress),
    "translation-loss": Chart("translation", _translation_loss),
    "sentence": Chart("translation", _sentence),
    "accuracy": Chart("sentiment", _accuracy),
    "shootout": Chart("sentiment", _shootout, is_wide=True),
    "sentiment-loss": Chart("sentiment", _sentiment_loss),
    "padding-lab": Chart("sentiment", _padding_lab, is_wide=True),
    "curve": Chart("length", _curve),
    "length-loss": Chart("length", _length_loss),
    "cell-state": Chart("length", _cell_state),
    "remedies": Chart("length", _remedies),
    "latency": Chart("serving", _latency),
    "throughput": Chart("serving", _throughput),
    "queue": Chart("serving", _queue, is_wide=True, is_own=True),
    "claim": Chart("", _claim, is_own=True),
}
"""All charts by name; one of no lab is for any."""
