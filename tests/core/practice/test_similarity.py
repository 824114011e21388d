import pytest
from tiny_encoders import tiny_bert

from core.models.encoder_files import encoder_is_installed
from core.practice import similarity
from core.practice.similarity import similar_sentences

POINTS = ["The cat sleeps on the sofa.", "Prices rose sharply last year."]
ANSWER = "Everything became more expensive. A kitten naps on the couch! Trains are late."


@pytest.mark.skipif(not encoder_is_installed(), reason="the encoder's package is not installed")
def test_each_point_gets_the_sentence_that_means_most_like_it():
    found = similar_sentences(POINTS, ANSWER)
    assert found["sentences"] == [
        "A kitten naps on the couch!",
        "Everything became more expensive.",
    ]
    assert all(0.3 < likeness < 1.0 for likeness in found["similarities"])
    assert found["encoder"] == "MiniLM"


def test_it_asks_any_encoder_and_answers_plain_values(monkeypatch):
    monkeypatch.setattr(similarity, "open_encoder", tiny_bert)
    found = similar_sentences(POINTS, POINTS[0])
    assert found["sentences"] == [POINTS[0]] * 2
    assert found["similarities"][0] == pytest.approx(1.0, abs=1e-5)
    assert all(type(likeness) is float for likeness in found["similarities"])


@pytest.mark.parametrize(("points", "answer"), [(POINTS, " \n "), ([], "A kitten.")])
def test_nothing_is_like_nothing(monkeypatch, points, answer):
    monkeypatch.setattr(similarity, "open_encoder", tiny_bert)
    found = similar_sentences(points, answer)
    assert found["sentences"] == [""] * len(points)
    assert found["similarities"] == [0.0] * len(points)
