import numpy as np
import pytest

from core.diagnostics.linear_attribution import linear_attribution
from core.models.nb_svm import NbSvm

TEXTS = ["good film", "good good story", "bad film", "not good , bad", "fine story", "dull"]


@pytest.mark.parametrize(("classes", "labels"), [(2, [1, 1, 0, 0, 1, 0]), (3, [1, 1, 0, 0, 2, 0])])
@pytest.mark.parametrize("text", ["Not good : a good film", "story", "zebra", "", "bad bad bad"])
def test_contributions_and_bias_sum_to_the_log_odds(classes, labels, text):
    model = NbSvm.fit(TEXTS, labels, classes)
    for label in range(classes):
        found = linear_attribution(model, text, label)
        shares = found.methods["contribution"]
        assert len(shares) == len(found.words)
        assert found.completeness_error < 1e-9
        scores = model.evidence([text])[0] + model.bias_C
        wanted = scores[label] if classes > 2 else scores[0] * (1 if label else -1)
        bias = model.bias_C[label] if classes > 2 else model.bias_C[0] * (1 if label else -1)
        assert sum(shares) + bias == pytest.approx(wanted)
        assert found.probability == pytest.approx(model.predict([text])[0, label])


def test_a_pair_is_shared_by_its_words_and_a_weight_by_its_places_by_hand():
    model = NbSvm.fit(TEXTS, [1, 1, 0, 0, 1, 0], 2)
    weights = {feature: float(weight[0]) for feature, weight in model.contributions("good good")}
    assert set(weights) == {"good", "good good"}
    half = (weights["good"] + weights["good good"]) / 2
    found = linear_attribution(model, "good good", 1)
    np.testing.assert_allclose(found.methods["contribution"], [half, half])
    against = linear_attribution(model, "good good", 0)
    np.testing.assert_allclose(against.methods["contribution"], [-half, -half])
