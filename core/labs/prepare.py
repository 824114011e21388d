"""From a config to what is trained on: the text, its vocabulary, the task."""

from dataclasses import dataclass

import torch

from core.data.batch import SequenceTask
from core.data.language import LanguageModeling
from core.data.memory import AnalogMemory, DiscreteRecall
from core.labs.config import ClippingConfig, GradientFlowConfig
from core.labs.sources import training_text
from core.text.vocabulary import Vocabulary
from core.training.choices import CorpusName


@dataclass(frozen=True, slots=True)
class Material:
    """What a lab trains on; `vocabulary` is None for generated tasks."""

    task: SequenceTask
    vocabulary: Vocabulary | None
    source: str


def prepare_language_model(
    corpus: CorpusName, characters: int, window: int, own_text: str | None
) -> Material:
    """Return next-character prediction over the text, with windows of `window` steps."""
    text, citation = training_text(corpus, characters, own_text)
    vocabulary = Vocabulary.of(text)
    ids = torch.from_numpy(vocabulary.encode(text))
    return Material(LanguageModeling(ids, vocabulary.size, window), vocabulary, citation)


def prepare_gradient_flow(config: GradientFlowConfig, own_text: str | None) -> Material:
    """Return the gradient-flow lab's task."""
    if config.task == "analog-memory":
        return Material(AnalogMemory(config.lag), None, "generated: analog memory")
    if config.task == "discrete-recall":
        return Material(DiscreteRecall(config.lag), None, "generated: discrete recall")
    return prepare_language_model(config.corpus, config.characters, config.lag, own_text)


def prepare_clipping(config: ClippingConfig, own_text: str | None) -> Material:
    """Return the clipping lab's task."""
    return prepare_language_model(config.corpus, config.characters, config.window, own_text)
