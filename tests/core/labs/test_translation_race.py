from types import SimpleNamespace

import pytest
import torch

from core.labs.pair_material import build_pair_material
from core.labs.translation_config import LADDER, TranslationConfig
from core.labs.translation_race import (
    build_lab_translator,
    build_pupils,
    equal_seconds,
    own_updates,
    train_translators,
    trained_models,
)
from core.training.dials import Dials

CPU = torch.device("cpu")
CONFIG = TranslationConfig(
    models=("plain", "plain-pieces", "attention"),
    hidden=8,
    longest=10,
    buckets=(5, 10),
    pairs=60,
    test_pairs=2,
    final_pairs=2,
    updates=40,
    batch_size=8,
)
MATERIAL = build_pair_material(CONFIG)


def timed(**seconds):
    return [
        SimpleNamespace(spec=SimpleNamespace(name=name.replace("_", "-")), done=10, seconds=each)
        for name, each in seconds.items()
    ]


def test_a_model_that_decodes_with_anothers_weights_is_not_trained():
    assert trained_models(CONFIG) == ["plain", "attention"]
    assert len(trained_models(TranslationConfig(models=LADDER))) == len(LADDER) - 1


@pytest.mark.parametrize(
    ("schedule", "plain"),
    [("own", 120), ("equal-updates", 40), ("equal-compute", 40), ("ladder", 40)],
)
def test_models_get_the_updates_they_need_or_all_the_same(schedule, plain):
    config = TranslationConfig(models=CONFIG.models, updates=40, schedule=schedule)
    assert own_updates(config) == {"plain": plain, "attention": 40}


def test_equal_seconds_by_hand():
    pupils = timed(plain=0.5, attention=1.0, transformer_rotary=4.0)
    assert equal_seconds(pupils, 100) == {"plain": 200, "attention": 100, "transformer-rotary": 25}


def test_without_the_attention_model_the_first_is_the_reference():
    assert equal_seconds(timed(plain=0.5, attention_dot=1.0), 100) == {
        "plain": 100,
        "attention-dot": 50,
    }


def test_a_slow_model_gets_a_few_updates_all_the_same():
    assert equal_seconds(timed(attention=1.0, attention_additive=100.0), 100) == {
        "attention": 100,
        "attention-additive": 10,
    }


def test_a_model_too_quick_for_the_clock_gets_the_updates_of_the_config():
    assert equal_seconds(timed(plain=0.0, attention=1.0), 100) == {"plain": 100, "attention": 100}


def test_pupils_are_seeded_by_the_config_alone():
    one = build_pupils(CONFIG, MATERIAL, {"attention": 5}, CPU)[0]
    torch.rand(7)
    other = build_pupils(CONFIG, MATERIAL, {"plain": 9, "attention": 5}, CPU)[1]
    assert (other.spec.name, other.updates) == ("attention", 5)
    for first, second in zip(one.model.parameters(), other.model.parameters(), strict=True):
        assert torch.equal(first, second)
    assert one.generator.initial_seed() == other.generator.initial_seed() == CONFIG.seed


def test_a_model_is_as_wide_as_the_config_times_its_own_factor():
    widths = {
        name: build_lab_translator(name, CONFIG, MATERIAL).head.in_features
        for name in ("plain-quarter", "plain-half", "plain", "plain-double")
    }
    assert widths == {"plain-quarter": 2, "plain-half": 4, "plain": 8, "plain-double": 16}


def test_learned_positions_reach_beyond_the_longest_hypothesis():
    config = TranslationConfig(models=("transformer-learned",), hidden=16, buckets=(10, 60))
    model = build_lab_translator("transformer-learned", config, MATERIAL)
    assert len(model.codes) > 1.25 * config.longest + 8


def test_training_tells_its_rounds_within_a_longer_run():
    pupils = build_pupils(CONFIG, MATERIAL, {"plain": 4, "attention": 2}, CPU)
    dials = Dials(**CONFIG.dials())
    events = train_translators(
        CONFIG, MATERIAL, pupils, dials=dials, device=CPU, first_round=6, all_rounds=12
    )
    progress = [(e.step, e.total) for e in events if e.kind == "progress"]
    assert progress == [(7, 12), (8, 12), (9, 12), (10, 12)]
    assert [pupil.done for pupil in pupils] == [4, 2]
