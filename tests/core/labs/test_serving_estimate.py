from dataclasses import replace

import pytest

from core.labs.serving_config import ServingConfig
from core.labs.serving_estimate import estimate_serving

DEFAULT = ServingConfig()


def test_the_default_run_is_estimated_at_less_than_two_minutes():
    assert 20 < estimate_serving(DEFAULT) < 120


@pytest.mark.parametrize(
    "more",
    [
        {"size": "M"},
        {"epochs": 6},
        {"students": 9},
        {"calls": 90},
        {"requests": 1_000_000},
        {"replayed": 20_000},
        {"words": 400},
    ],
)
def test_more_of_anything_takes_longer(more):
    assert estimate_serving(replace(DEFAULT, **more)) > estimate_serving(DEFAULT)


def test_measuring_alone_is_quick_and_fewer_texts_are_learned_sooner():
    assert estimate_serving(replace(DEFAULT, variants=())) < 20
    assert estimate_serving(replace(DEFAULT, rows=1000)) < estimate_serving(DEFAULT)
