"""About how long a run takes: a rule of thumb, corrected by what a run took on this machine."""

from core.labs.config import ClippingConfig, TrainedConfig
from core.labs.length_config import LengthConfig
from core.labs.length_estimate import estimate_length
from core.labs.sentiment_config import SentimentConfig
from core.labs.sentiment_estimate import estimate_sentiment
from core.labs.serving_config import ServingConfig
from core.labs.serving_estimate import estimate_serving
from core.labs.translation_config import TranslationConfig
from core.labs.translation_estimate import estimate_translation
from core.models.catalogue import find_spec

SECONDS_A_STEP = 15e-6
SECONDS_A_MULTIPLICATION = 6e-11
MATRICES = {"rnn": 1, "gru": 3, "lstm": 4, "transformer": 6}


def estimate_seconds(config: TrainedConfig, *, scale: float = 1.0) -> float:
    """Return about how many seconds of training `config` takes on one thread of a CPU.

    A fixed price a time step and one a multiplication, fitted once; `scale` corrects them for a
    machine: the seconds of a run that was timed there over its own estimate.
    """
    if isinstance(config, TranslationConfig):
        return scale * estimate_translation(config)
    if isinstance(config, SentimentConfig):
        return scale * estimate_sentiment(config)
    if isinstance(config, LengthConfig):
        return scale * estimate_length(config)
    if isinstance(config, ServingConfig):
        return scale * estimate_serving(config)
    if isinstance(config, ClippingConfig):
        models, steps = [config.model, config.model], config.window
    else:
        models, steps = list(config.models), config.lag
    a_step = 0.0
    for model in models:
        matrices = MATRICES[find_spec(model).cell] * config.layers
        multiplications = matrices * config.batch_size * config.hidden * (config.hidden + 32)
        a_step += SECONDS_A_STEP + SECONDS_A_MULTIPLICATION * multiplications
    return scale * config.updates * steps * a_step


def in_words(seconds: float) -> str:
    """Return "7 s", "4 min" or "4 h"."""
    if seconds < 90:
        return f"{max(1, round(seconds)):.0f} s"
    if seconds < 90 * 60:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.0f} h"
