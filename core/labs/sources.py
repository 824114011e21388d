"""Which text a language model is trained on. No torch here: the server asks too."""

from typing import TypeGuard

from core.errors import TextError
from core.labs.config import ClippingConfig, Config, GradientFlowConfig, TrainedConfig
from core.labs.length_config import LengthConfig
from core.labs.sentiment_config import SentimentConfig
from core.labs.serving_config import ServingConfig
from core.labs.translation_config import TranslationConfig
from core.text.corpora import load_corpus
from core.training.choices import CorpusName


def reads_text(config: Config) -> TypeGuard[TrainedConfig]:
    """Return whether a run of `config` reads a text or a file: generated tasks do not."""
    if isinstance(config, TranslationConfig | SentimentConfig | ServingConfig):
        return config.corpus == "own"
    if isinstance(config, LengthConfig):
        is_own = config.task == "sentiment" and config.corpus == "own"
        return config.task == "language-model" or is_own
    if isinstance(config, GradientFlowConfig):
        return config.task == "language-model"
    return isinstance(config, ClippingConfig)


def training_text(corpus: CorpusName, characters: int, own_text: str | None) -> tuple[str, str]:
    """Return the first `characters` of the corpus, and its citation.

    Raises:
        TextError: the corpus is "own" and no text was given.
        DataMissingError: the corpus's package is not installed or its file was altered.
    """
    if corpus == "own":
        if not own_text:
            raise TextError(
                "No text of your own was given. Paste or upload one on the page Your text, "
                "or name a file with --text."
            )
        return own_text[:characters], "your own text"
    found = load_corpus(corpus, characters)
    return found.text, found.citation
