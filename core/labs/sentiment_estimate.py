"""About how long a sentiment run takes: prices fitted once, on two cores of a CPU."""

from core.labs.sentiment_config import SentimentConfig
from core.models.classifier_sizes import ClassifierSizes, multiply_adds, usual_sizes
from core.models.classifiers import CLASSIFIERS, ClassifierSpec

ROWS = {"mr": 8530, "imdb": 24_902, "own": 2000}
WORDS = {"mr": 21, "imdb": 230, "own": 30}
"""How many texts a source has, and how long they are; of a visitor's own a guess."""
UPDATE_SECONDS = 2e-3
MULTIPLY_SECONDS = 4e-11
WORD_SECONDS = {"recurrent": 1.2e-6, "cnn": 0.0, "transformer": 2e-6, "bag": 0.0}
EPOCHS = 3.6
"""How many epochs a model makes before it stops, at most the config's."""
TUNING_SECONDS = {"top": 6e-3, "frozen": 0.5e-3, "full": 18e-3}
CACHE_SECONDS = 3e-3
CORES = 2
OPENING_SECONDS = 2.0
LOOK_SECONDS = 1.5


def estimate_sentiment(config: SentimentConfig) -> float:
    """Return about how many seconds a run of `config` takes."""
    rows = min(config.rows or ROWS[config.source], ROWS[config.source])
    words = min(WORDS[config.source], config.most_words)
    trained = 0.8 * rows
    seconds = 0.0
    for name in config.models:
        spec = CLASSIFIERS[name]
        if spec.is_neural:
            epochs = min(EPOCHS, config.epochs)
            seconds += epochs * trained * text_seconds(spec, config, words) / CORES
        elif spec.family == "pretrained":
            seconds += trained * TUNING_SECONDS[spec.tuning] * words / WORDS["mr"]
        elif spec.family == "nb-svm":
            seconds += 4e-6 * rows * words
    cached = CACHE_SECONDS * rows * words / WORDS["mr"] if config.pretrained else 0.0
    looks = LOOK_SECONDS * len(config.models) + 12 * len(config.pretrained)
    return OPENING_SECONDS + config.folds * seconds + cached + looks


def text_seconds(spec: ClassifierSpec, config: SentimentConfig, words: int) -> float:
    """Return what one text costs in an update, forward and back."""
    read = config.pad_to if spec.naive else words
    sizes: ClassifierSizes = usual_sizes(spec, width=config.width, hidden=config.hidden)
    products = multiply_adds(spec, sizes, words=read, classes=2, layers=config.layers)
    a_word = WORD_SECONDS[spec.family] * (2 if spec.bidirectional else 1)
    update = UPDATE_SECONDS / config.batch_size
    return update + 3 * products * MULTIPLY_SECONDS + read * a_word
