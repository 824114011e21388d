"""One text, looked at closely: all models of a run read it, and one of them shows how.

Asked by the page through an inquiry process, which stays: what a run learned from and its models
are kept, so that a second question is quick. Legend: M attention maps, T time.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor

from core.data.labelled import Example, words_of
from core.diagnostics.attribution import Attribution, attribute, occlusion
from core.diagnostics.forced_reading import undisturbed
from core.diagnostics.linear_attribution import linear_attribution
from core.diagnostics.ngrams import winning_ngrams
from core.diagnostics.one_text import embed_text, read_words
from core.diagnostics.state_path import state_path
from core.errors import ConfigError, RunError, SeqScopeError, TextError
from core.labs.config_json import config_from_json
from core.labs.sentiment_config import SentimentConfig
from core.labs.sentiment_material import SentimentMaterial
from core.labs.sentiment_stored import stored_material, stored_predictor, stored_vocabulary
from core.models.classifiers import CLASSIFIERS
from core.models.nb_svm import NbSvm
from core.models.predictor import NeuralPredictor, Predictor
from core.models.pretrained_classifier import PretrainedClassifier
from core.models.recurrent_classifier import RecurrentClassifier
from core.models.text_classifier import ConvolutionalClassifier, TransformerClassifier
from core.models.translator import map_names
from core.text.sentences import has_no_spaces, split_words
from core.text.words import UNKNOWN

LONGEST_TEXT = 50_000
"""Characters."""
MOST_OCCLUDED = 60
"""Words of a text that a pretrained encoder reads once without each of them."""
MOST_LOOKED_AT = 128
"""Words or pieces between which attention is shown."""

_DIGITS = 6


def read_text(
    *,
    config: dict[str, Any],
    checkpoints: Mapping[str, str],
    model: str,
    text: str = "",
    sample: int | None = None,
    own_text: str | None = None,
) -> dict[str, Any]:
    """Return how the models of a run read one text, and what one of them goes by.

    Args:
        config: the run's sentiment config, as JSON.
        checkpoints: by model, the path of the weights that the run stored.
        model: the one that is looked at.
        text: typed, with at least one word.
        sample: instead of it a test text of the first fold, counted from 0.
        own_text: the labelled texts the run was trained on, where they were the visitor's own.

    Returns:
        `text`; `words`, those that the models trained here read; `unknown`, positions of words
        that they do not know; `reference`, the class of a test text, None of a typed one;
        `classes`; `notes`, what is cut or missing; `probabilities`, of each model that can be
        asked `model` and `probabilities`; and of the model looked at, each None where it has
        none:
        `attribution`: `class` (the one it answers), `words`, `methods` by name (a number a word;
        see `core.diagnostics.attribution`), `unit` ("probability" or "log-odds"),
        `completeness_error` and `baseline_probability` (None where nothing was integrated) and
        `probability`;
        `ngrams`: see `core.diagnostics.ngrams`, a dict a window;
        `path`: see `core.diagnostics.state_path`;
        `attention`: `maps` by name, `words` (of an encoder its pieces) and `weights`, M x T x T.

    Raises:
        TextError: the text is empty or too long.
        ConfigError: the model is not in the run, or there is no such test text.
        RunNotFound, RunError: its weights are gone, do not fit or are no numbers.
        DataMissingError: what the model needs is not installed.
    """
    run_config = config_from_json("sentiment", config)
    assert isinstance(run_config, SentimentConfig)
    if model not in run_config.models:
        raise ConfigError(
            f"This run has no model '{model}'; choose from {', '.join(run_config.models)}."
        )
    material = stored_material(run_config, own_text)
    if len(text) > LONGEST_TEXT:
        raise TextError(
            f"The text has {len(text):,} characters; the limit is {LONGEST_TEXT:,}. Paste an "
            "excerpt instead."
        )
    example = _sampled(sample, material) if sample is not None else None
    said = example.text if example else _spaced(text)
    count = len(words_of(said))
    if not count:
        raise TextError("The text has no words. Type some, or choose a test text.")
    desk = _Desk(run_config, own_text, material, dict(checkpoints), said)
    words = read_words(said, run_config.most_words)
    ids = stored_vocabulary(run_config, own_text).encode(words)
    unknown = [at for at, each in enumerate(ids) if each == UNKNOWN]
    desk.note_reading(count, len(unknown))
    return {
        "text": said,
        "words": list(words),
        "unknown": unknown,
        "reference": material.classes[example.label] if example else None,
        "classes": list(material.classes),
        "probabilities": desk.probabilities(model),
        **desk.look(model),
        "notes": desk.notes,
    }


def _spaced(text: str) -> str:
    """Return a text of a script without spaces as such ones are learned: a word a character."""
    return " ".join(split_words(text, by_characters=True)) if has_no_spaces([text]) else text


@dataclass(frozen=True, slots=True)
class _Desk:
    """One question, checked; `notes` fills while it is answered."""

    config: SentimentConfig
    own_text: str | None
    material: SentimentMaterial
    checkpoints: dict[str, str]
    text: str
    notes: list[str] = field(default_factory=list)

    def note_reading(self, count: int, unknown: int) -> None:
        if count > self.config.most_words:
            self.notes.append(
                f"The text has {count:,} words; models trained here from nothing read the first "
                f"{self.config.most_words}."
            )
        if unknown:
            verb = "is" if unknown == 1 else "are"
            self.notes.append(
                f"{unknown} of the words {verb} too rare in the training texts to be known: they "
                "are all read as the same unknown word."
            )

    def predictor(self, name: str) -> Predictor:
        checkpoint = self.checkpoints.get(name, "")
        return stored_predictor(self.config, self.own_text, name, checkpoint)

    def probabilities(self, looked_at: str) -> list[dict[str, Any]]:
        """Return what each model says; of one that cannot be asked, a note why."""
        found = []
        for name in self.config.models:
            try:
                found.append({"model": name, "probabilities": self._ask(name)})
            except SeqScopeError as error:
                if name == looked_at:
                    raise
                self.notes.append(f"{CLASSIFIERS[name].label} is not asked. {error}")
        return found

    def _ask(self, name: str) -> list[float]:
        probability_C = self.predictor(name).predict([self.text])[0]
        if not np.isfinite(probability_C).all():
            raise RunError(
                "The model's weights are no numbers any more: it diverged in training. Look at "
                "another one, or train with a smaller learning rate."
            )
        return _rounded(probability_C.tolist())

    def look(self, name: str) -> dict[str, Any]:
        """Return what the answer of one model stands on."""
        predictor = self.predictor(name)
        label = int(predictor.predict([self.text])[0].argmax())
        answer: dict[str, Any] = dict.fromkeys(("attribution", "ngrams", "path", "attention"))
        shown = {"class": self.material.classes[label], "unit": "probability"}
        match predictor:
            case NeuralPredictor():
                found = attribute(predictor, self.text, label)
                answer["attribution"] = shown | _attribution(found)
                answer |= self._look_inside(predictor, label)
            case NbSvm():
                found = linear_attribution(predictor, self.text, label)
                answer["attribution"] = shown | _attribution(found) | {"unit": "log-odds"}
            case PretrainedClassifier():
                if (lost := self._occluded(predictor, label)) is not None:
                    answer["attribution"] = shown | lost
                answer["attention"] = self._encoder_attention(predictor)
            case _:
                self.notes.append("The majority class reads no word, so no word has a share.")
        return answer

    def _look_inside(self, predictor: NeuralPredictor, label: int) -> dict[str, Any]:
        """Return what a kind of neural model has that others have not."""
        match predictor.model:
            case ConvolutionalClassifier():
                columns = winning_ngrams(predictor, self.text, label).columns
                columns["weight"] = _rounded(columns["weight"])
                rows = zip(*columns.values(), strict=True)
                return {"ngrams": [dict(zip(columns, row, strict=True)) for row in rows]}
            case RecurrentClassifier():
                path = asdict(state_path(predictor, self.text, label))
                words, explained = path.pop("words"), round(path.pop("explained"), 4)
                numbers = {name: _rounded(values) for name, values in path.items()}
                return {"path": {"words": words, **numbers, "explained": explained}}
            case TransformerClassifier():
                return {"attention": self._attention(predictor, predictor.model)}
            case _:
                return {}

    def _occluded(self, predictor: PretrainedClassifier, label: int) -> dict[str, Any] | None:
        words = words_of(self.text)
        if len(words) > MOST_OCCLUDED:
            self.notes.append(
                "A pretrained encoder reads a text once without each of its words; this one is "
                f"too long for that: it is done up to {MOST_OCCLUDED} words."
            )
            return None
        self.notes.append("Of a pretrained encoder, only leaving words out is computed.")
        return {
            "words": list(words),
            "methods": {"occlusion": _rounded(occlusion(predictor, words, label))},
            "probability": round(float(predictor.predict([self.text])[0, label]), _DIGITS),
            "baseline_probability": None,
            "completeness_error": None,
        }

    def _attention(
        self, predictor: NeuralPredictor, model: TransformerClassifier
    ) -> dict[str, Any] | None:
        with undisturbed(model):
            one = embed_text(predictor, self.text)
            if not self._can_show(one.count):
                return None
            weights_1MTT = model.attention(one.features_1TE, one.length_1)
        maps = map_names(weights_1MTT.shape[1])
        return {"maps": maps, "words": list(one.words), "weights": _weights(weights_1MTT)}

    def _encoder_attention(self, predictor: PretrainedClassifier) -> dict[str, Any] | None:
        encoder = predictor.encoder
        pieces = encoder.encode([self.text])
        if not self._can_show(len(pieces[0])):
            return None
        with torch.no_grad():
            weights_1MTT = encoder.attention(encoder.inputs(pieces))
        names = encoder.names(pieces[0])
        return {"maps": encoder.maps, "words": names, "weights": _weights(weights_1MTT)}

    def _can_show(self, count: int) -> bool:
        """Return whether attention between so many words is shown; if not, a note says so."""
        if count > MOST_LOOKED_AT:
            self.notes.append(
                f"Attention is shown of texts of up to {MOST_LOOKED_AT} words or pieces."
            )
        return count <= MOST_LOOKED_AT


def _sampled(sample: int, material: SentimentMaterial) -> Example:
    test = material.folds[0].test
    if not 0 <= sample < len(test):
        raise ConfigError(
            f"There is no test text {sample}; there are {len(test):,}, counted from 0."
        )
    return test[sample]


def _attribution(found: Attribution) -> dict[str, Any]:
    return {
        "words": list(found.words),
        "methods": {name: _rounded(shares) for name, shares in found.methods.items()},
        "probability": round(found.probability, _DIGITS),
        "baseline_probability": round(found.baseline_probability, _DIGITS),
        "completeness_error": round(found.completeness_error, _DIGITS),
    }


def _weights(weights_1MTT: Tensor) -> list[list[list[float]]]:
    found: list[list[list[float]]] = weights_1MTT[0].cpu().double().numpy().round(4).tolist()
    return found


def _rounded(values: Iterable[float]) -> list[float]:
    return [round(value, _DIGITS) for value in values]
