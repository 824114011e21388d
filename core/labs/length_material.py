"""What a length run is trained and tested on."""

from dataclasses import dataclass

import torch

from core.data import counting
from core.data.joined_texts import JoinedTexts
from core.data.language_lengths import LanguageLengths
from core.data.length_task import LengthTask
from core.labs.length_config import LengthConfig
from core.labs.length_texts import GENERATED, labelled_corpus
from core.labs.sources import training_text
from core.text.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True)
class LengthMaterial:
    """The task, and where its sequences come from."""

    task: LengthTask
    source: str


def prepare_length(config: LengthConfig, text: str | None = None) -> LengthMaterial:
    """Return the task of a run of `config`; the same config and text give the same.

    `text` is the visitor's own, where one is read: plain for the language model, packed rows for
    the task "sentiment", see `core.text.labelled`.

    Raises:
        TextError: it is missing or too short.
        ConfigError: there are too few labelled texts.
        DataMissingError: the package of the text or of the reviews is not installed.
    """
    lengths = {"shortest": config.shortest, "longest": config.longest}
    if config.task == "language-model":
        found, citation = training_text(config.corpus, config.characters, text)
        vocabulary = Vocabulary.of(found)
        ids = torch.from_numpy(vocabulary.encode(found))
        size = vocabulary.size
        return LengthMaterial(LanguageLengths(ids=ids, vocabulary_size=size, **lengths), citation)
    if config.task == "sentiment":
        corpus = labelled_corpus(config, text)
        task = JoinedTexts.of(corpus, seed=config.seed, **lengths)
        return LengthMaterial(task, corpus.citation)
    return LengthMaterial(
        getattr(counting, GENERATED[config.task])(**lengths), f"generated: {config.task}"
    )
