"""About how long a serving run takes: prices fitted once, on two cores of a CPU."""

from core.labs.sentiment_config import SentimentConfig
from core.labs.sentiment_estimate import CORES, ROWS, WORDS, text_seconds
from core.labs.serving_config import BATCHES, LENGTHS, SIZES, ServingConfig
from core.models.classifier_sizes import multiply_adds, usual_sizes
from core.models.classifiers import CLASSIFIERS
from core.serving.variants_catalogue import VARIANTS

OPENING_SECONDS = 3.0
QUEUE_SECONDS = 5.0
REQUEST_SECONDS = 2.5e-6
"""Of a simulated request, in all that is simulated with so many."""
MULTIPLY_SECONDS = 2e-11
PASS_SECONDS = 0.2e-3
"""Of a pass of a single request, beside its multiplications."""
CELL_SECONDS = (0.25, 2.0)
"""What timing a batch size takes at the least, and at the most for 30 calls."""
RACED_BATCHES = (1, 8, 32)
MOST_RACE_SECONDS = 3.0
CONVERT_SECONDS = 1.0


def estimate_serving(config: ServingConfig) -> float:
    """Return about how many seconds a run of `config` takes; of a model of one's own a guess."""
    width, hidden, layers = SIZES[config.size]
    learned = SentimentConfig(width=width, hidden=hidden, layers=layers)
    seconds = OPENING_SECONDS + QUEUE_SECONDS + REQUEST_SECONDS * config.requests
    for words in {*LENGTHS, config.words}:
        batches = BATCHES if words == config.words else (1, 32)
        for batch in batches:
            seconds += _cell(config, _pass(learned, batch, words))
    seconds += config.replayed * _pass(learned, 1, config.words)
    if not config.variants:
        return seconds
    for batch in RACED_BATCHES:
        race = 2 * config.calls * _pass(learned, batch, config.words)
        seconds += (1 + len(config.variants)) * min(race, MOST_RACE_SECONDS)
    return seconds + CONVERT_SECONDS * len(config.variants) + _training(config, learned)


def _pass(learned: SentimentConfig, batch: int, words: int) -> float:
    spec = CLASSIFIERS["lstm"]
    sizes = usual_sizes(spec, width=learned.width, hidden=learned.hidden)
    products = multiply_adds(spec, sizes, words=words, classes=2, layers=learned.layers)
    return PASS_SECONDS + batch * products * MULTIPLY_SECONDS


def _cell(config: ServingConfig, a_pass: float) -> float:
    least, most = (seconds * config.calls / 30 for seconds in CELL_SECONDS)
    return min(max(least, config.calls * a_pass), max(most, 5 * a_pass))


def _training(config: ServingConfig, learned: SentimentConfig) -> float:
    """Return the seconds of the two stages of training: several models at once, then students."""
    rows = min(config.rows or ROWS["mr"], ROWS["mr"])
    texts = 0.8 * rows * config.epochs
    names = [VARIANTS[name] for name in config.variants]
    trained = [each.classifier for each in names if each.classifier and each.hidden == 1]
    costs = [text_seconds(CLASSIFIERS[name], learned, WORDS["mr"]) for name in ["lstm", *trained]]
    costs += [_narrow(learned, 0.5)] * any(each.hidden == 0.5 for each in names)
    seconds = texts * max(*costs, sum(costs) / CORES)
    if any(each.hidden < 0.5 for each in names if each.classifier):
        seconds += texts * _narrow(learned, 0.125) * max(1, 2 * config.students / CORES)
    return seconds


def _narrow(learned: SentimentConfig, share: float) -> float:
    narrow = SentimentConfig(
        width=max(8, round(share * learned.width)),
        hidden=max(8, round(share * learned.hidden)),
        layers=learned.layers,
    )
    return text_seconds(CLASSIFIERS["lstm"], narrow, WORDS["mr"])
