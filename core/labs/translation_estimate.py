"""About how long a translation run takes: prices a word, fitted once on one thread of a CPU."""

import math

from core.labs.translation_config import TranslationConfig
from core.models.translators import TranslatorSpec, find_translator

UPDATE_SECONDS = 3e-3
WORD_SECONDS = {"plain": 0.65e-3, "attention": 0.95e-3, "transformer": 2.2e-3}
ADDITIVE_SECONDS = 0.045e-3  # a source word for each target word
TEST_SECONDS = 2.5e-4  # a word that is decoded, in batches
DIAGNOSIS_SECONDS = 5.0
BUILD_SECONDS = 2.0
FITTED = {"hidden": 128, "batch_size": 32}


def estimate_translation(config: TranslationConfig) -> float:
    """Return about how many seconds of one CPU thread a run of `config` takes."""
    specs = [find_translator(name) for name in config.models]
    trained = [spec for spec in specs if not spec.pieces_of]
    own = config.schedule == "own"
    training = sum(
        config.updates * (spec.updates if own else 1.0) * _update_seconds(spec, config)
        for spec in trained
    )
    if config.schedule in ("equal-compute", "ladder"):
        timed = next((spec for spec in trained if spec.name == "attention"), trained[0])
        reference = _update_seconds(timed, config)
        equal = len(trained) * config.updates * reference
        training = equal if config.schedule == "equal-compute" else training + equal
    sentences = config.looks * config.test_pairs + config.final_pairs
    testing = len(specs) * sentences * sum(config.buckets) * TEST_SECONDS / 8
    return BUILD_SECONDS + training + testing + DIAGNOSIS_SECONDS * len(trained)


def mean_length(shortest: int, longest: int) -> float:
    """Return the mean of lengths whose logarithm is uniform from `shortest` to `longest`."""
    if longest == shortest:
        return float(longest)
    return (longest - shortest) / math.log(longest / shortest)


def _update_seconds(spec: TranslatorSpec, config: TranslationConfig) -> float:
    length = mean_length(config.shortest, config.longest)
    kind = "attention" if spec.has_attention else "plain"
    word = WORD_SECONDS["transformer" if spec.family == "transformer" else kind]
    if spec.attention == "additive":
        word += ADDITIVE_SECONDS * length
    if spec.sampling != "none":
        word *= 1.3
    size = (config.hidden * spec.width / FITTED["hidden"]) ** 1.5 * config.layers
    share = 0.3 + 0.7 * config.batch_size / FITTED["batch_size"] * size
    seconds: float = UPDATE_SECONDS + word * length * share
    return seconds
