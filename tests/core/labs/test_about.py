import pytest

from core.labs.about import about
from core.labs.config import ClaimsConfig, ClippingConfig, GradientFlowConfig
from core.labs.translation_config import TranslationConfig

LINES = [
    (
        GradientFlowConfig(),
        "RNN, LSTM chrono; analog memory, lag 100; Adam, learning rate 0.005; "
        "clipped by norm at 1; 64 hidden units, seed 0",
    ),
    (
        GradientFlowConfig(task="discrete-recall", layers=3, bidirectional=True, clip=0, seed=7),
        "RNN, LSTM chrono; discrete recall, lag 100; Adam, learning rate 0.005; not clipped; "
        "64 hidden units, 3 layers (top one shown), both ways (forward shown), seed 7",
    ),
    (
        GradientFlowConfig(models=("gru",), task="language-model", optimizer="momentum"),
        "GRU; language model on King James Bible, window 100; SGD with momentum, "
        "learning rate 0.005; clipped by norm at 1; 64 hidden units, seed 0",
    ),
    (
        ClippingConfig(),
        "IRNN (relu, identity); SGD, learning rate 0.2; clipped by norm at 1; "
        "King James Bible, window 50; 64 hidden units, seed 0",
    ),
    (
        ClippingConfig(model="lstm", rule="agc", threshold=0.05, nonfinite="skip", corpus="own"),
        "LSTM default; SGD, learning rate 0.2; clipped by AGC at 0.05; "
        "skips gradients that are not finite; your text, window 50; 64 hidden units, seed 0",
    ),
    (
        TranslationConfig(models=("plain-half", "plain")),
        "Plain, half width · Plain; English to French grammar, trained on 4 to 150 words; "
        "128 hidden units, seed 0",
    ),
    (
        TranslationConfig(schedule="ladder", task="own", longest=25),
        "The ladder of 2 models; Your parallel text, trained on 4 to 25 words; "
        "128 hidden units, seed 0",
    ),
    (ClaimsConfig(only=(1, 2, 3)), "claims 1, 2, 3"),
    (ClaimsConfig(only=(26,)), "claim 26"),
    (ClaimsConfig(), "all claims"),
]


@pytest.mark.parametrize(("config", "line"), LINES)
def test_a_run_is_told_in_one_line_of_words(config, line):
    assert about(config) == line


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("none", "; not clipped;"),
        ("value", "; clipped by value at 1;"),
        ("percentile", "; clipped at percentile 10 of the norms so far;"),
    ],
)
def test_each_clip_rule_has_words_of_its_own(rule, words):
    assert words in about(ClippingConfig(rule=rule))
