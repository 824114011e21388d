"""One sentence, looked at closely: a stored model translates it and shows how.

Asked by the page through an inquiry process. Legend: M attention maps, T target time, S source
time; of both, the end of the sentence is the last position.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from core.data.pairs import Pair
from core.decoding.beam import BeamNode, Hypothesis, beam_tree
from core.decoding.edits import AttentionEdit, attention_bias
from core.decoding.greedy import length_limit
from core.decoding.pieces import greedy_in_pieces
from core.diagnostics.attention_quality import attention_quality
from core.diagnostics.erasure import erasure_drops, top_agreement
from core.diagnostics.forced_reading import make_sample, undisturbed
from core.errors import ConfigError, RunError, RunNotFound, TextError
from core.labs.checks import check_range
from core.labs.config_json import config_from_json
from core.labs.pair_material import PairMaterial, build_pair_material
from core.labs.translation_config import TranslationConfig
from core.labs.translation_race import build_lab_translator
from core.labs.translation_scores import conjunctions
from core.models.translator import Translator, map_names
from core.models.translators import TranslatorSpec, find_translator
from core.text.sentences import split_words
from core.text.words import BOS, EOS, SPECIALS, UNKNOWN, WordVocabulary
from core.training.events import to_json

LONGEST_SENTENCE = 200
MOST_ERASURE = 90 * 90
"""Source words times target words: every source word costs a translation."""

_END = SPECIALS[EOS]
_PADDING = 4  # positions behind the source's end, so that the weight on them is measured
_QUALITIES = ("entropy", "never_attended", "recency", "diagonality", "padding_mass")


def translate(
    *,
    config: dict[str, Any],
    checkpoint: str,
    model: str,
    source: str = "",
    sample: Mapping[str, int] | None = None,
    own_text: str | None = None,
    edits: Sequence[Mapping[str, Any]] = (),
    beam: int = 1,
    length_penalty: float = 0.0,
) -> dict[str, Any]:
    """Return how a stored model translates one sentence.

    Args:
        config: the run's translation config, as JSON.
        checkpoint: path of the weights that the run stored.
        model: the catalogue's name of the model; one that decodes in pieces reads the weights of
            the model that it is made of.
        source: a typed sentence, 1 to 200 words.
        sample: instead of it a test pair, `bucket` and `index` from 0.
        own_text: the text the run was trained on, where that was the visitor's own.
        edits: of the attention, each `target`, `source` (positions) and `kind`, "force" or
            "block"; the last at a place counts.
        beam: hypotheses followed at once, 1 to 8.
        length_penalty: -5 to 5, see `core.decoding.beam.beam_search`.

    Returns:
        `source` and `target`, words and then the end of the sentence (the target has none where
        the limit came first), and beside them `log_probabilities` (nats, by target position),
        `attention` (maps x target x source) with its `maps` by name and `quality` of their mean
        (see `attention_quality_table`), all None or empty without attention; `erasure` (target x
        source, nats) and `agreement` with the attention, None where it would take too long;
        `reference`, None of a typed sentence; `unknown`, positions of unknown source words;
        `unedited`, the translation without the edits, None without any; `beam_tree`, a dict per
        `BeamNode`, its word as text; `sentence`, what happened, and `notes`, what is missing.

    Raises:
        TextError: the sentence is empty or too long.
        ConfigError: a setting or an edit cannot be.
        RunNotFound: the weights are gone.
    """
    run_config = config_from_json("translation", config)
    assert isinstance(run_config, TranslationConfig)
    spec = find_translator(model)
    check_range("beam", beam, 1, 8)
    check_range("length_penalty", length_penalty, -5, 5)
    if edits and (spec.pieces_of or not spec.has_attention):
        raise ConfigError(f"'{spec.label}' has no attention to edit; choose a model that has.")
    material = _material(run_config, own_text)
    pair = _sampled(sample, material) if sample else _typed(source, material.source_vocabulary)
    if not 1 <= len(pair.source) <= LONGEST_SENTENCE:
        raise TextError(f"The sentence has {len(pair.source)} words; give 1 to {LONGEST_SENTENCE}.")
    desk = _Desk(
        config=run_config,
        spec=spec,
        material=material,
        model=_load(run_config, material, spec, checkpoint),
        pair=pair,
        edits=[AttentionEdit(each["target"], each["source"], each["kind"]) for each in edits],
        beam=beam,
        length_penalty=length_penalty,
    )
    with undisturbed(desk.model):
        return desk.in_pieces() if spec.pieces_of else desk.translated()


@lru_cache(maxsize=4)
def _material(config: TranslationConfig, own_text: str | None) -> PairMaterial:
    """Return the vocabularies and test pairs of a run; what it trained on is let go."""
    material = build_pair_material(config, own_text)
    return replace(material, corpus=replace(material.corpus, train=()))


def _load(
    config: TranslationConfig, material: PairMaterial, spec: TranslatorSpec, checkpoint: str
) -> Translator:
    if not Path(checkpoint).is_file():
        raise RunNotFound("The weights of this run are gone; train it again.")
    model = build_lab_translator(spec.pieces_of or spec.name, config, material)
    try:
        model.load_state_dict(torch.load(Path(checkpoint), weights_only=True, map_location="cpu"))
    except RuntimeError as error:
        raise RunError(
            "The weights of this run do not fit its settings; train it again."
        ) from error
    return model.eval()


def _sampled(sample: Mapping[str, int], material: PairMaterial) -> Pair:
    bucket, index = sample["bucket"], sample["index"]
    pairs = material.corpus.test.get(bucket, ())
    if not 0 <= index < len(pairs):
        raise ConfigError(
            f"There is no test sentence {index} at length {bucket}; there are {len(pairs)}, "
            "counted from 0."
        )
    return pairs[index]


def _typed(sentence: str, vocabulary: WordVocabulary) -> Pair:
    """Return a typed sentence in the case and the units of the vocabulary, without reference."""
    known = set(vocabulary.words)
    if all(word == word.lower() for word in known):
        sentence = sentence.lower()
    splits = (split_words(sentence, by_characters=by_characters) for by_characters in (False, True))
    words = min(splits, key=lambda words: np.mean([word not in known for word in words] or [False]))
    return Pair(words, ())


@dataclass(frozen=True, slots=True, kw_only=True)
class _Desk:
    """One question, checked and with its model at hand."""

    config: TranslationConfig
    spec: TranslatorSpec
    material: PairMaterial
    model: Translator
    pair: Pair
    edits: list[AttentionEdit]
    beam: int
    length_penalty: float

    def translated(self) -> dict[str, Any]:
        source = [*self.material.source_vocabulary.encode(self.pair.source), EOS]
        most = length_limit(max(len(source), len(self.pair.target) + 1))
        bias_1TS = attention_bias(self.edits, most=most, positions=len(source))
        best, tree = self._search(source, most, bias_1TS)
        unedited = self._search(source, most, None)[0] if self.edits else None
        said = [*best.words, EOS] if best.finished else best.words
        answer = self._answer(best.words, best.log_probabilities, best.finished)
        weights_MTS = self._look(answer, source, said, bias_1TS)
        self._erase(answer, source, best, weights_MTS)
        if unedited is not None:
            answer["unedited"] = self._words(unedited.words, unedited.finished)
            answer["sentence"] += _edited_sentence(answer["target"], answer["unedited"])
        names = self.material.target_vocabulary.words
        answer["beam_tree"] = [{**node._asdict(), "word": names[node.word]} for node in tree]
        return answer

    def in_pieces(self) -> dict[str, Any]:
        found = greedy_in_pieces(
            self.model,
            [self.pair.source],
            self.material.source_vocabulary,
            segment=self.config.segment,
            conjunctions=conjunctions(self.config.task),
        )
        answer = self._answer(found.words[0], found.log_probabilities[0], found.finished[0])
        answer["notes"].append(
            "The pieces are translated greedily, each by itself, so there is no attention, no beam "
            "and no erasure over the whole; the end's probability is that of all their ends."
        )
        return answer

    def _search(
        self, source: list[int], most: int, bias_1TS: Tensor | None
    ) -> tuple[Hypothesis, list[BeamNode]]:
        hypotheses, tree = beam_tree(
            self.model,
            torch.tensor([source]),
            beam=self.beam,
            most=most,
            length_penalty=self.length_penalty,
            bias_1TS=bias_1TS,
        )
        return hypotheses[0], tree

    def _words(self, ids: Sequence[int], finished: bool) -> list[str]:
        words = self.material.target_vocabulary.decode(ids)
        return [*words, _END] if finished else words

    def _answer(self, ids: list[int], logs: list[float], finished: bool) -> dict[str, Any]:
        """Return what every model can answer; the rest is not there yet."""
        encoded = self.material.source_vocabulary.encode(self.pair.source)
        unknown = [at for at, each in enumerate(encoded) if each == UNKNOWN]
        return {
            "source": [*self.pair.source, _END],
            "target": self._words(ids, finished),
            "reference": list(self.pair.target) if self.pair.target else None,
            "log_probabilities": [round(log, 4) for log in logs],
            "unknown": unknown,
            "attention": None,
            "maps": [],
            "quality": None,
            "erasure": None,
            "agreement": None,
            "unedited": None,
            "beam_tree": [],
            "sentence": _sentence(len(encoded), len(ids), logs, finished, len(unknown)),
            "notes": [],
        }

    def _look(
        self, answer: dict[str, Any], source: list[int], said: list[int], bias_1TS: Tensor | None
    ) -> np.ndarray | None:
        """Put the attention into the answer; return it."""
        if not self.model.has_attention or not said:
            return None
        memory = self.model.encode(nn.functional.pad(torch.tensor([source]), (0, _PADDING)))
        if bias_1TS is not None:
            bias_1TS = nn.functional.pad(bias_1TS[:, : len(said)], (0, _PADDING))
        weights_1MTS = self.model.decode(
            torch.tensor([[BOS, *said[:-1]]]),
            memory,
            self.model.start(memory),
            bias_BTS=bias_1TS,
            want_attention=True,
        ).attention_BMTS
        assert weights_1MTS is not None
        # its last row counts as the end, also where the hypothesis has none
        pair = Pair(self.pair.source, tuple(answer["target"][: len(said) - 1]))
        vocabularies = self.material.source_vocabulary, self.material.target_vocabulary
        sample = make_sample(0, [pair], *vocabularies)
        found = attention_quality(weights_1MTS.mean(1), memory.mask_BS, sample)
        weights_MTS: np.ndarray = weights_1MTS[0, ..., : len(source)].double().numpy()
        answer["attention"] = weights_MTS.round(4).tolist()
        answer["maps"] = map_names(len(weights_MTS))
        answer["quality"] = to_json({name: found[name] for name in _QUALITIES})
        return weights_MTS

    def _erase(
        self,
        answer: dict[str, Any],
        source: list[int],
        best: Hypothesis,
        weights_MTS: np.ndarray | None,
    ) -> None:
        """Put the erasure into the answer, where it does not take too long."""
        if len(source) * len(answer["target"]) > MOST_ERASURE:
            answer["notes"].append(
                "Erasing every word of so long a sentence takes too long; it is done up to about "
                f"{round(MOST_ERASURE**0.5)} words."
            )
            return
        drops_TS = erasure_drops(self.model, source, best.words, finished=best.finished)
        answer["erasure"] = drops_TS.round(4).tolist()
        if weights_MTS is not None:
            agreement = top_agreement(weights_MTS.mean(0), drops_TS)
            answer["agreement"] = to_json(round(agreement, 4))
            answer["sentence"] += (
                f" Attention and erasure point at the same source word for {agreement:.0%} of the "
                "target words."
            )


def _sentence(read: int, said: int, logs: list[float], finished: bool, unknown: int) -> str:
    sentence = f"{_counted(read, 'word')} became {said}"
    if not finished:
        sentence += ", without an end: the limit came first"
    if logs:
        at = int(np.argmin(logs))
        what = f"word {at + 1}" if at < said else "the end"
        sentence += f"; the least certain is {what}, with probability {np.exp(logs[at]):.2g}"
    if unknown:
        verb = "is" if unknown == 1 else "are"
        sentence += f". {_counted(unknown, 'source word')} {verb} not in the vocabulary"
    return f"{sentence}."


def _edited_sentence(target: list[str], unedited: list[str]) -> str:
    changed = sum(a != b for a, b in zip(target, unedited, strict=False))
    changed += abs(len(target) - len(unedited))
    if not changed:
        return " The edits change no word."
    return f" The edits change {_counted(changed, 'position')}."


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
