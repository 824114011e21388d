"""About how long a length run takes: prices fitted once, on two cores of a CPU."""

from core.labs.length_config import LENGTHS, LengthConfig
from core.labs.remedies import ARCHITECTURE_SEEDS, VARIABLE_LENGTHS, Remedy
from core.models.catalogue import find_spec

STEP_SECONDS = 20e-6
MULTIPLY_SECONDS = 7.5e-11
MATRICES = {"rnn": 1, "gru": 3, "lstm": 4}
WORD_SECONDS = 5e-6
WORD_MULTIPLY_SECONDS = 2.4e-9
"""What a recurrent model takes for a step of an update, and a Transformer for each word of it."""
CACHED = 1.4
"""How much longer a Transformer takes that reads segment after segment."""
READ_SHARE = {"rnn": 0.1, "gru": 0.1, "lstm": 0.1, "transformer": 0.9}
"""The seconds of a step that is only read, as a share of those of an update."""
LOOKS = 3
"""How often the trained models are scored in full, about."""
CORES = 2
OPENING_SECONDS = 1.0


def estimate_length(config: LengthConfig) -> float:
    """Return about how many seconds a run of `config` takes."""
    base = {name: config.updates * _update(config, name) for name in config.trained_models}
    seconds = sum(base.values()) + sum(LOOKS * _score(config, name) for name in base)
    for remedy in config.tried:
        seconds += _remedy_seconds(config, remedy, base[config.remedied])
    return OPENING_SECONDS + config.seeds * seconds / min(CORES, config.seeds * len(base))


def _remedy_seconds(config: LengthConfig, remedy: Remedy, base: float) -> float:
    """Return what a seed of a remedy takes on both budgets; the control took as long as `base`."""
    name = remedy.model or config.remedied
    scored = _score(config, name)
    if remedy.kind == "reading":
        return scored
    if remedy.kind == "architecture":
        updates, compute = (min(1, count / config.seeds) for count in ARCHITECTURE_SEEDS.values())
        trained = updates * config.updates * _update(config, name) + compute * 2 * base
        return trained + (updates + compute) * scored
    steps = {
        "variable-lengths": sum(VARIABLE_LENGTHS) / len(VARIABLE_LENGTHS),
        "tbptt": float(config.segment),
    }
    if remedy.name not in steps:
        return base + scored
    return config.updates * _update(config, name, steps[remedy.name]) + base + 2 * scored


def _update(config: LengthConfig, name: str, steps: float = 0.0) -> float:
    """Return the seconds of an update over `steps` steps, by default those of the base."""
    return _step(config, name, config.batch_size) * (
        steps or (config.shortest + config.longest) / 2
    )


def _score(config: LengthConfig, name: str) -> float:
    share = READ_SHARE[find_spec(name).cell]
    return LENGTHS[-1] * share * _step(config, name, config.sequences)


def _step(config: LengthConfig, name: str, sequences: int) -> float:
    spec = find_spec(name)
    if spec.cell == "transformer":
        word = WORD_SECONDS + WORD_MULTIPLY_SECONDS * config.hidden**2
        return sequences * word * (CACHED if spec.positions == "recurrent" else 1)
    products = MATRICES[spec.cell] * sequences * config.hidden * (config.hidden + 32)
    return STEP_SECONDS + MULTIPLY_SECONDS * products
