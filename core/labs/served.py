"""What the serving lab serves: a fresh LSTM, a model of a sentiment run, or a visitor's own file.

Legend: B requests answered at once, T words of each, C classes.
"""

import base64
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from core.data.folds import Fold
from core.errors import RunError, TextError
from core.labs.config_json import config_from_json
from core.labs.sentiment_config import SentimentConfig
from core.labs.sentiment_material import build_sentiment_material, fold_vocabulary
from core.labs.sentiment_race import build_lab_classifier, neural_predictor
from core.labs.sentiment_stored import stored_material, stored_predictor
from core.labs.sentiment_texts import encode_fold
from core.labs.serving_config import BATCHES, LENGTHS, SIZES, ServingConfig
from core.models.classifiers import find_classifier
from core.models.predictor import NeuralPredictor
from core.serving.own_onnx import OwnModel, open_own_model
from core.serving.service_times import Answer
from core.serving.variants import TorchAnswer
from core.text.words import SPECIALS, WordVocabulary

DRAW_SEED = 20_261_125
FRESH = "lstm"
MOST_AT_LENGTHS = 32
"""Requests at once that are timed at each length."""
SLOW_SECONDS = 4.0
"""Of a pass of a visitor's model: larger ones are not timed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """A model, and how it is asked.

    Attributes:
        label: what it is called on the screen.
        citation: of what it has read; empty where nobody knows.
        answer: one pass over ids of words, (B, T).
        request: so many requests of so many words, drawn at random.
        megabytes: its size on disk.
        part: the first so many of requests that were drawn together.
        words: how many a request has where nothing else is asked.
        batches: how many requests it can take at once.
        lengths: how many words a request of it may have.
        predictor: the neural classifier, where its weights are at hand: then it can shrink.
        fold: the texts it learns and is tested on, where there are any.
        texts: the settings with which these texts were read.
        is_trained: whether it has learned already.
        own: the model of a visitor's file.
        notes: what a person should know of it, in sentences.
    """

    label: str
    citation: str
    answer: Answer
    request: Callable[[int, int], Any]
    megabytes: float
    words: int
    part: Callable[[Any, int], Any] = lambda asked, batch: asked[:batch]
    batches: tuple[int, ...] = BATCHES
    lengths: tuple[int, ...] = LENGTHS
    predictor: NeuralPredictor | None = None
    fold: Fold | None = None
    texts: SentimentConfig | None = None
    is_trained: bool = True
    own: OwnModel | None = None
    notes: tuple[str, ...] = ()


def open_served(config: ServingConfig, text: str | None, device: torch.device) -> Served:
    """Return what a run of `config` serves, ready to answer on `device`.

    `text` is what came with the run: for a model of a sentiment run, JSON with its `config`, its
    `own_text` and the path of its `checkpoint`; a file in the ONNX format as base64.

    Raises:
        ConfigError, RunError: the model is not one that can be served, or does not fit its run.
        TextError: the file is none that can be served.
        DataMissingError: the texts of the fresh model are not installed.
    """
    match config.source:
        case "run":
            return _of_run(config, text, device)
        case "onnx":
            return _of_file(config, text)
        case _:
            return _fresh(config, device)


def fresh_texts(config: ServingConfig) -> SentimentConfig:
    """Return how the fresh model of a run learns film sentences: the sentiment lab's settings."""
    width, hidden, layers = SIZES[config.size]
    return SentimentConfig(
        models=(FRESH,),
        folds=1,
        rows=config.rows,
        width=width,
        hidden=hidden,
        layers=layers,
        epochs=config.epochs,
        seed=config.seed,
        device=config.device,
        threads=config.threads,
    )


def _fresh(config: ServingConfig, device: torch.device) -> Served:
    """Build the LSTM without training it: what an answer takes does not depend on its weights."""
    texts = fresh_texts(config)
    material = build_sentiment_material(texts)
    fold = material.folds[0]
    vocabulary, race = encode_fold(texts, material, 0)
    model = build_lab_classifier(FRESH, texts, race).to(device).eval()
    return Served(
        label=f"LSTM {config.size}",
        citation=material.citation,
        **_asked(neural_predictor(model, vocabulary, texts, device)),
        words=config.words,
        fold=fold,
        texts=texts,
        is_trained=False,
    )


def _of_run(config: ServingConfig, text: str | None, device: torch.device) -> Served:
    spec = find_classifier(config.model)
    try:
        given = json.loads(text or "")
        stored = config_from_json("sentiment", given["config"])
        own_text, checkpoint = given["own_text"], given["checkpoint"]
    except (KeyError, TypeError, ValueError):
        raise RunError(
            "The sentiment run is not there, or was written by another version. Choose another "
            "run, or serve a fresh model."
        ) from None
    assert isinstance(stored, SentimentConfig)
    predictor = stored_predictor(stored, own_text, config.model, checkpoint or "")
    material = stored_material(stored, own_text)
    common: dict[str, Any] = {
        "label": f"{spec.label} of your run",
        "citation": material.citation,
        "words": config.words,
        "fold": material.folds[0],
        "texts": stored,
    }
    if isinstance(predictor, NeuralPredictor):
        moved = neural_predictor(predictor.model.to(device), predictor.vocabulary, stored, device)
        return Served(**common, **_asked(moved))
    known = fold_vocabulary(material.folds[0], stored.least_count)
    return Served(
        **common,
        answer=lambda ids_BT: predictor.predict(_as_texts(ids_BT, known)),
        request=lambda batch, words: _drawn(batch, words, known.size),
        megabytes=predictor.megabytes,
        notes=("It is no network trained here: it is measured and served, but not shrunk.",),
    )


def _of_file(config: ServingConfig, text: str | None) -> Served:
    if not text:
        raise TextError("No ONNX file was given. Upload one, or serve a fresh model.")
    try:
        file = base64.b64decode(text, validate=True)
    except ValueError:
        raise TextError("The file came altered; upload it again.") from None
    own = open_own_model(file, threads=config.threads)
    words = own.lengths((config.words,))[0]
    if not own.can_answer(1, words):  # where its positions end, for instance
        words = max(_tried(own, [(1, each) for each in LENGTHS]), default=(1, words))[1]
    batches = [(batch, words) for batch in BATCHES if own.takes_batch(batch)]
    batches = _tried(own, batches) or [(1, words)]  # asked again it says what is wrong
    most = max(batch for batch, _ in batches if batch <= MOST_AT_LENGTHS)
    lengths = _tried(own, [(most, each) for each in own.lengths(LENGTHS)])
    return Served(
        label="Your model",
        citation="",
        answer=own.answer,
        request=own.request,
        part=own.first,
        megabytes=own.megabytes,
        words=words,
        batches=tuple(batch for batch, _ in batches),
        lengths=tuple(length for _, length in lengths),
        own=own,
        notes=own.notes,
    )


def _tried(own: OwnModel, asked: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return which of the rising (batch, words) are answered, up to the first that is slow."""
    answered = []
    for batch, words in asked:
        started = time.monotonic()
        if not own.can_answer(batch, words):
            break
        answered.append((batch, words))
        if time.monotonic() - started > SLOW_SECONDS:
            break
    return answered


def _asked(predictor: NeuralPredictor) -> dict[str, Any]:
    """Return how a neural classifier is asked: by ids of words, one row a request."""
    size = predictor.vocabulary.size
    return {
        "answer": TorchAnswer(predictor.model),
        "request": lambda batch, words: _drawn(batch, words, size),
        "megabytes": predictor.megabytes,
        "predictor": predictor,
    }


def _drawn(batch: int, words: int, vocabulary_size: int) -> Tensor:
    """Return ids of words at random, (B, T); the same for the same numbers."""
    generator = torch.Generator().manual_seed(DRAW_SEED + 1000 * batch + words)
    most = max(vocabulary_size, len(SPECIALS) + 1)
    return torch.randint(len(SPECIALS), most, (batch, words), generator=generator)


def _as_texts(ids_BT: Tensor, vocabulary: WordVocabulary) -> list[str]:
    return [" ".join(vocabulary.words[word] for word in row) for row in ids_BT.tolist()]
