import math

import numpy as np
import pytest

from core.labs.clip_tables import clip_rate_columns, layer_norm_columns


def test_the_clip_rate_by_hand_over_a_window_of_two():
    columns = {"step": [1, 2, 3, 4], "coefficient": [1.0, 0.5, 0.5, 1.0]}
    rates = clip_rate_columns(columns, window=2)
    assert rates["clip_rate"] == [0.0, 0.5, 1.0, 0.5]
    assert rates["step"] == [1, 2, 3, 4]
    assert rates["coefficient"] == columns["coefficient"]


def test_the_clip_rate_against_a_slow_loop():
    rng = np.random.default_rng(0)
    coefficients = np.where(rng.random(200) < 0.3, rng.random(200), 1.0).tolist()
    rates = clip_rate_columns({"step": list(range(200)), "coefficient": coefficients}, window=50)
    for end, rate in enumerate(rates["clip_rate"], start=1):
        window = coefficients[max(0, end - 50) : end]
        assert rate == pytest.approx(sum(c < 1 for c in window) / len(window))


def test_before_the_first_update_the_columns_are_there_and_empty():
    assert clip_rate_columns({}) == {"step": [], "coefficient": [], "clip_rate": []}
    assert layer_norm_columns({}) == {"step": [], "layer": [], "norm": []}


def test_norms_are_one_row_a_layer():
    columns = {
        "step": [1, 2],
        "norm_before": [5.0, 5.0],
        "norm:a": [3.0, 4.0],
        "norm:b": [4.0, 3.0],
    }
    assert layer_norm_columns(columns) == {
        "step": [1, 2],
        "layer": ["a", "b"],
        "norm": [[3.0, 4.0], [4.0, 3.0]],
    }


@pytest.mark.parametrize("peak", [1e6, math.inf, math.nan])
def test_thinning_keeps_every_explosion(peak):
    norms = [1.0] * 1000
    norms[617] = peak
    columns = {"step": list(range(1, 1001)), "norm_before": norms, "norm:a": norms}
    thinned = layer_norm_columns(columns, most_steps=100)
    assert len(thinned["step"]) == len(thinned["norm"][0]) == 100
    assert 618 in thinned["step"]
    assert thinned["step"] == sorted(set(thinned["step"]))
