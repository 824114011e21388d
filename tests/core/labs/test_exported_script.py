"""The exported script must train the same run, alone: with torch and the standard library."""

import math
import re
import subprocess
import sys

import pytest
from lab_runs import OWN_TEXT, TINY_REVIEWS, LabRun, classify

from core.errors import ConfigError
from core.labs import length, translation
from core.labs.config import RECURRENT, ClippingConfig, GradientFlowConfig
from core.labs.length_config import LengthConfig
from core.labs.length_texts import GENERATED
from core.labs.script import write_script
from core.labs.sentiment_config import SentimentConfig
from core.labs.translation_config import TranslationConfig
from core.models.catalogue import CATALOGUE

# Runs files where nothing but torch can be found beside the standard library.
ALONE = """
import runpy, sys, warnings

FOREIGN = {"core", "numpy", "pandas", "sacrebleu", "streamlit", "plotly", "pages", "app"}

class Without:
    def __init__(self, finder):
        self.finder = finder

    def find_spec(self, name, path=None, target=None):
        foreign = name.split(".")[0] in FOREIGN
        return None if foreign else self.finder.find_spec(name, path, target)

sys.meta_path = [Without(finder) for finder in sys.meta_path]
warnings.filterwarnings("ignore", "Failed to initialize NumPy")
for path in sys.argv[1:]:
    print("file", path)
    runpy.run_path(path, run_name="__main__")
assert not FOREIGN & set(sys.modules)
"""

TINY = {"hidden": 16, "updates": 20, "device": "cpu"}
FLOW = {**TINY, "lag": 10, "probe_every": 10}
CLIP = {**TINY, "window": 10, "corpus": "own"}
LANGUAGE = {"task": "language-model", "corpus": "own"}
PAIRS = {"hidden": 16, "updates": 4, "device": "cpu", "pairs": 200, "longest": 12, "looks": 1}
PAIRS |= {"buckets": (5, 10), "test_pairs": 2, "final_pairs": 3, "segment": 4}
PAIRS["models"] = (
    *("plain", "sampling-sigmoid", "hierarchical", "plain-pieces", "attention-additive"),
    *("attention-gru", "transformer-alibi", "transformer-learned"),
)
LENGTHS = {"hidden": 16, "updates": 6, "batch_size": 2, "sequences": 16, "device": "cpu"}
LENGTHS |= {"models": ("lstm-bias", "transformer-none"), "seeds": 2, "remedies": ()}
LONG_TEXT = 4 * OWN_TEXT
LABELLED = "\n".join(f'["film {at} is {word}", "{word}"]' for at in range(40) for word in "ab")
LENGTH_TASKS = {
    "count": None,
    "language-model": LONG_TEXT,
    "sentiment": LABELLED,
}
LINE = re.compile(r"(\S+): (\d+) updates, final loss (\S+)")

RACES = {
    "analog memory": {"models": ("rnn", "lstm-chrono")},
    "discrete recall": {"models": ("lstm-bias", "gru"), "task": "discrete-recall", "layers": 2},
    "both directions": {"models": ("lstm",), "bidirectional": True, "optimizer": "momentum"},
    "language model": {"models": ("rnn", "lstm"), **LANGUAGE},
    "a text that is cut": {"models": ("rnn",), **LANGUAGE, "characters": 1000},
}
TWINS = {
    "turned under way": (
        {"learning_rate": 0.01},
        ((5, "threshold", 0.01), (9, "learning_rate", 0.05)),
    ),
    "turned before the first update": (
        {"learning_rate": 0.01},
        ((0, "learning_rate", 0.02), (3, "threshold", 0.5)),
    ),
    "planted gradients": (
        {"model": "transformer", "rule": "percentile", "nonfinite": "skip"}
        | {"inject": "nan", "inject_at": 6},
        ((8, "inject", 1.0),),
    ),
    "one twin diverges": ({"learning_rate": 10.0, "threshold": 0.01}, ()),
}


def length_config(task):
    corpus = "own" if LENGTH_TASKS.get(task) else "king-james"
    return LengthConfig(**LENGTHS, task=task, corpus=corpus)


@pytest.fixture(scope="module")
def printed(tmp_path_factory):
    """Run every script in one process without our packages; return what each printed, by case."""
    folder = tmp_path_factory.mktemp("scripts")
    scripts = {
        case: write_script("gradient-flow", GradientFlowConfig(**FLOW, **race), text=OWN_TEXT)
        for case, race in RACES.items()
    }
    for case, (settings, turns) in TWINS.items():
        config = ClippingConfig(**CLIP, **settings)
        scripts[case] = write_script("clipping", config, text=OWN_TEXT, turns=turns)
    scripts["translation"] = write_script("translation", TranslationConfig(**PAIRS))
    scripts["sentiment"] = write_script("sentiment", SentimentConfig(**TINY_REVIEWS))
    for task, text in LENGTH_TASKS.items():
        scripts[f"length, {task}"] = write_script("length", length_config(task), text=text)
    paths = {case: folder / f"run{i}.py" for i, case in enumerate(scripts)}
    for case, path in paths.items():
        path.write_text(scripts[case], encoding="utf-8")
    command = [sys.executable, "-I", "-c", ALONE, *map(str, paths.values())]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    parts = done.stdout.split("file ")[1:]
    return {case: LINE.findall(part) for case, part in zip(paths, parts, strict=True)}


def assert_same(printed, run, models):
    assert [model for model, _, _ in printed] == list(models)
    for model, updates, final in printed:
        losses = run.column(model, "loss")
        assert int(updates) == len(losses)
        if math.isfinite(losses[-1]):
            assert float(final) == pytest.approx(losses[-1], rel=1e-5, abs=1e-5)
        else:
            assert not math.isfinite(float(final))


@pytest.mark.parametrize("case", RACES)
def test_a_race_runs_again_alone(flow_run, printed, case):
    settings = RACES[case]
    text = OWN_TEXT if "corpus" in settings else None
    assert_same(printed[case], flow_run(text=text, **settings), settings["models"])


@pytest.mark.parametrize("case", TWINS)
def test_twins_run_again_alone_with_what_was_turned(clip_run, printed, case):
    settings, turns = TWINS[case]
    run = clip_run(turns=turns, **settings)
    assert tuple((e.step, e.name, e.value) for e in run.of("setting")) == turns
    assert_same(printed[case], run, ("unclipped", "clipped"))
    if turns:
        assert run.column("clipped", "loss") != clip_run(**settings).column("clipped", "loss")


def test_translation_models_train_again_alone(printed):
    config = TranslationConfig(**PAIRS)
    run = LabRun(translation.run(config))
    found = {model: (updates, final) for model, updates, final in printed["translation"]}
    assert set(found) == set(config.models) - {"plain-pieces"}
    for model, (updates, final) in found.items():
        losses = run.column(model, "loss")
        assert int(updates) == len(losses) == run.rows[model]["updates"]
        assert float(final) == pytest.approx(losses[-1], rel=1e-5)


def test_classifiers_train_again_alone_on_the_first_fold(printed):
    run = classify()
    found = {model: (updates, final) for model, updates, final in printed["sentiment"]}
    assert set(found) == set(SentimentConfig(**TINY_REVIEWS).neural)
    for model, (updates, final) in found.items():
        losses = run.column(model, "loss")
        assert int(updates) == len(losses)
        assert float(final) == pytest.approx(losses[-1], rel=1e-5)


@pytest.mark.parametrize("task", LENGTH_TASKS)
def test_the_first_seed_of_a_length_run_trains_again_alone(printed, task):
    events = length.run(length_config(task), text=LENGTH_TASKS[task])
    assert_same(printed[f"length, {task}"], LabRun(events), LENGTHS["models"])


def test_a_run_without_a_neural_model_has_no_script():
    config = SentimentConfig(**{**TINY_REVIEWS, "models": ("majority", "nb-svm")})
    with pytest.raises(ConfigError, match="none of its models is trained with torch alone"):
        write_script("sentiment", config)


def test_updates_that_were_timed_cannot_be_repeated_by_a_script():
    config = TranslationConfig(**PAIRS, schedule="equal-compute")
    with pytest.raises(ConfigError, match="was timed on the machine it ran on"):
        write_script("translation", config)


@pytest.mark.parametrize("model", CATALOGUE)
def test_the_script_of_every_model_compiles_and_imports_torch_alone(own_text, model):
    scripts = [write_script("clipping", ClippingConfig(model=model), text=own_text)]
    if model in RECURRENT:
        scripts.append(write_script("gradient-flow", GradientFlowConfig(models=(model,))))
    for script in scripts:
        compile(script, "run.py", "exec")
        roots = re.findall(r"^\s*(?:from|import) (\w+)", script, flags=re.MULTILINE)
        assert set(roots) - set(sys.stdlib_module_names) == {"torch"}


@pytest.mark.parametrize("task", GENERATED)
def test_the_script_of_every_generated_task_imports_torch_alone(task):
    script = write_script("length", length_config(task))
    compile(script, "run.py", "exec")
    roots = re.findall(r"^\s*(?:from|import) (\w+)", script, flags=re.MULTILINE)
    assert set(roots) - set(sys.stdlib_module_names) == {"torch"}


def test_the_script_quotes_no_text(own_text):
    assert own_text[:15] not in write_script("clipping", ClippingConfig(), text=own_text)


def test_every_setting_stands_in_the_script():
    script = write_script("gradient-flow", GradientFlowConfig(lag=37, learning_rate=0.0123))
    assert "lag=37," in script
    assert "learning_rate=0.0123," in script
