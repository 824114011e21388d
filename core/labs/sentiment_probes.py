"""What the sentiment lab asks trained classifiers beside the test: probes, one model at a time."""

from collections.abc import Iterator

from core.data.folds import Fold
from core.diagnostics.longer_texts import longer_columns
from core.diagnostics.padding import padding_columns, padding_lab_columns
from core.diagnostics.word_order import negation_columns, word_order_columns
from core.labs.sentiment_config import LATENCY_BATCHES, SentimentConfig
from core.labs.sentiment_material import SentimentMaterial
from core.models.classifiers import find_classifier
from core.models.predictor import NeuralPredictor, Predictor
from core.serving.latency import measure_latency
from core.training.events import Columns, TableEvent

PROBED_TEXTS = 400
"""Test texts that a probe reads; an encoder reads a tenth of them."""
PADDED_TEXTS = 100
"""Of these, how many are read again and again with up to 400 positions of padding."""


def measure_model(predictor: Predictor, fold: Fold) -> dict[int, list[float]]:
    """Return the median and the 95th percentile of the milliseconds a batch takes, by its size."""
    texts = [each.text for each in fold.test]
    found = (measure_latency(predictor.predict, texts, batch) for batch in LATENCY_BATCHES)
    return {each.batch: [each.p50, each.p95] for each in found}


def probe_model(
    name: str,
    predictor: Predictor,
    config: SentimentConfig,
    material: SentimentMaterial,
    *,
    step: int,
) -> Iterator[TableEvent]:
    """Yield what is found of a model with the test texts of the first fold.

    Tables: "word_order"; "negation" where the classes are negative and positive; of neural models
    "padding" and "longer"; of recurrent ones "padding_lab".
    """
    spec = find_classifier(name)
    if spec.family == "majority":
        return
    count = PROBED_TEXTS // 10 if spec.family == "pretrained" else PROBED_TEXTS
    examples = material.folds[0].test[:count]
    texts, labels = [each.text for each in examples], [each.label for each in examples]

    def table(kind: str, columns: Columns) -> TableEvent:
        return TableEvent(name=kind, model=name, step=step, columns=columns)

    yield table(
        "word_order",
        word_order_columns(
            predictor, texts, labels, most_words=config.most_words, seed=config.seed
        ),
    )
    if material.is_polarity:
        yield table("negation", negation_columns(predictor, material.classes))
    if spec.family != "pretrained":
        yield table("longer", longer_columns(predictor, texts, labels, seed=config.seed))
    if isinstance(predictor, NeuralPredictor):
        yield table(
            "padding", padding_columns(predictor, texts[:PADDED_TEXTS], labels[:PADDED_TEXTS])
        )
        if spec.family == "recurrent":
            yield table("padding_lab", padding_lab_columns(predictor, texts, labels))
