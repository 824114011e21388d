"""Each fault that is planted in a trained model is named; a healthy model raises no alarm.

`PYTHONPATH=. python tests/core/diagnostics/test_planted_faults.py 10` prints those of ten seeds.
"""

import sys
from functools import cache

import pytest
import torch

from core.data.pair_task import PairTask
from core.diagnostics.diagnosis import diagnose
from core.diagnostics.forced_reading import make_sample
from core.diagnostics.length_effects import DecodingSettings
from core.labs.pair_material import build_pair_material
from core.labs.translation_config import TranslationConfig
from core.models.build_translator import build_translator
from core.models.translators import find_translator
from core.training.clipping import Clipper
from core.training.dials import Dials
from core.training.learner import Learner, build_optimizer
from core.training.pair_loop import Pupil, train_pairs

pytestmark = pytest.mark.slow

NONE = "nothing dominates"
MEDIUM = {"longest": 25, "buckets": (10, 25)}
SHORT = {"longest": 10, "buckets": (6, 10)}
MODELS = {  # name, hidden units, updates, lengths
    "attention": ("attention", 64, 500, MEDIUM),
    "hidden 8": ("plain", 8, 600, MEDIUM),
    "gold prefixes": ("plain", 128, 600, SHORT),
}
CUT = DecodingSettings(beam=4, length_penalty=-1.0)
FAULTS = {  # a model of the above, its attention's override, how it decodes, the verdict
    "nothing": ("attention", "learned", None, NONE),
    "a beam that cuts nothing": ("attention", "learned", DecodingSettings(beam=4), NONE),
    "hidden size 8": ("hidden 8", "learned", None, "bottleneck"),
    "uniform attention": ("attention", "uniform", None, "attention"),
    "attention to the last position": ("attention", "last", None, "attention"),
    "an error after gold prefixes only": ("gold prefixes", "learned", None, "exposure"),
    "a length penalty that cuts": ("attention", "learned", CUT, "length"),
}


@cache
def trained(kind, seed):
    name, hidden, updates, lengths = MODELS[kind]
    material = build_pair_material(
        TranslationConfig(seed=seed, pairs=4000, final_pairs=48, **lengths)
    )
    source, target = material.source_vocabulary, material.target_vocabulary
    spec = find_translator(name)
    model = build_translator(
        spec, source_size=source.size, target_size=target.size, hidden=hidden, seed=seed
    )
    optimizer = build_optimizer("adam", model, 3e-3)
    learner = Learner(name=name, model=model, optimizer=optimizer, clipper=Clipper("norm"))
    for _ in train_pairs(
        [Pupil(spec=spec, model=model, learner=learner, updates=updates)],
        PairTask(material.corpus.train, source, target),
        batch_size=32,
        seed=seed,
        device=torch.device("cpu"),
        dials=Dials(learning_rate=3e-3, clip=1.0),
    ):
        pass
    return model, [
        make_sample(b, pairs, source, target) for b, pairs in material.corpus.test.items()
    ]


def diagnosis(fault, seed):
    kind, override, settings, _ = FAULTS[fault]
    model, samples = trained(kind, seed)
    model.override = override
    try:
        buckets = [sample.bucket for sample in samples]
        return diagnose(model, samples, trained=buckets, settings=settings, seed=seed)
    finally:
        model.override = "learned"


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("fault", FAULTS)
def test_what_was_planted_is_what_is_named(fault, seed):
    found = diagnosis(fault, seed)
    assert found.verdict == FAULTS[fault][-1], found.causes[["cause", "cost", "threshold"]]


@pytest.mark.parametrize("seed", [3, 4])
def test_more_healthy_models_raise_no_false_alarm(seed):
    found = diagnosis("nothing", seed)
    assert found.verdict == NONE, found.sentence
    assert not found.causes["named"].any()


@pytest.mark.parametrize("seed", range(3))
def test_the_verdict_is_right_for_the_right_reason(seed):
    healthy, small = diagnosis("nothing", seed), diagnosis("hidden size 8", seed)
    assert (healthy.bottleneck["own_state"] - healthy.bottleneck["other_state"]).max() < 0.05
    assert (healthy.bottleneck["own_state"] - healthy.bottleneck["other_source"]).min() > 0.5
    assert healthy.bottleneck["cosine"].min() > 0.7  # the usual test accuses the healthy model
    assert small.exposure["teacher_forced_error"].min() > 0.5
    fragile = diagnosis("an error after gold prefixes only", seed)
    assert fragile.exposure["teacher_forced_error"].mean() < 0.15
    cut = diagnosis("a length penalty that cuts", seed).length
    assert cut["bleu"].mean() > cut["penalty_bleu"].mean() + 20
    assert cut["beam_length_ratio"].min() > 0.9  # it is the penalty, not the beam
    last = diagnosis("attention to the last position", seed).attention
    assert last["recency"].min() > 0.99
    assert last["padding_mass"].max() == 0


if __name__ == "__main__":
    for seed in range(int(sys.argv[1])):
        for fault in FAULTS:
            found = diagnosis(fault, seed)
            costs = dict(zip(found.causes["cause"], found.causes["cost"].round(2), strict=True))
            print(seed, fault, found.verdict, costs, sep=" | ", flush=True)
        trained.cache_clear()
