from dataclasses import fields

import numpy as np
import pytest
import torch
from small_classifiers import TEXTS, assert_untouched, small, untouched

from core.diagnostics.state_path import principal_places, state_path

NAMES = ("rnn", "lstm", "gru", "bilstm", "lstm-max")


@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("name", NAMES)
def test_after_each_word_it_says_what_the_model_says_of_the_text_so_far(name, layers):
    predictor = small(name, layers=layers, classes=3)
    path = state_path(predictor, TEXTS[0], 2)
    prefixes = [" ".join(path.words[: at + 1]) for at in range(len(path.words))]
    np.testing.assert_allclose(path.probability, predictor.predict(prefixes)[:, 2], atol=1e-6)


def test_long_texts_read_backwards_too_are_the_same():
    predictor = small("bilstm", most_words=200)
    path = state_path(predictor, " ".join(TEXTS) * 3, 1)
    assert len(path.words) > 64
    for at in (0, 63, 64, len(path.words) - 1):
        prefix = " ".join(path.words[: at + 1])
        assert path.probability[at] == pytest.approx(predictor.predict([prefix])[0, 1], abs=1e-6)


def test_norms_and_changes_are_those_of_the_states():
    predictor = small("gru")
    model = predictor.model.eval()
    ids = torch.tensor([predictor.encode(TEXTS[4])])
    with torch.no_grad():
        states = model.forwards[0](model.embed(ids))[0][0].double().numpy()
    path = state_path(predictor, TEXTS[4], 1)
    np.testing.assert_allclose(path.norm, np.linalg.norm(states, axis=1), atol=1e-6)
    steps = np.diff(states, axis=0, prepend=np.zeros((1, 8)))
    np.testing.assert_allclose(path.change, np.linalg.norm(steps, axis=1), atol=1e-6)
    assert path.change[0] == path.norm[0]


def test_axes_are_those_of_an_eigenvalue_problem():
    states = torch.randn(9, 5, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    places, explained = principal_places(states)
    values, vectors = np.linalg.eigh(np.cov(states.numpy().T))
    centred = states.numpy() - states.numpy().mean(0)
    for at in (0, 1):
        axis = vectors[:, -1 - at]
        axis *= np.sign(axis[np.abs(axis).argmax()])
        np.testing.assert_allclose(places[:, at], centred @ axis, atol=1e-9)
    assert explained == pytest.approx(values[-2:].sum() / values.sum())


def test_a_path_on_a_line_is_a_line_by_hand():
    places, explained = principal_places(torch.tensor([[0.0, 1.0], [0.0, 3.0], [0.0, 8.0]]))
    np.testing.assert_allclose(places[:, 0], [-3, -1, 4], atol=1e-6)
    np.testing.assert_allclose(places[:, 1], 0, atol=1e-6)
    assert explained == pytest.approx(1)


@pytest.mark.parametrize("text", ["", "dull"])
def test_one_word_stands_at_the_origin(text):
    path = state_path(small("lstm"), text, 1)
    assert (path.x, path.y, path.explained) == ([0.0], [0.0], 1.0)


def test_a_naive_model_s_path_goes_on_through_its_padding():
    predictor = small("lstm-naive", pad_to=15)
    path = state_path(predictor, "dull", 1)
    assert path.words == ["dull", *["<pad>"] * 14]
    assert path.probability[-1] == pytest.approx(predictor.predict(["dull"])[0, 1], abs=1e-6)


@pytest.mark.parametrize("name", [*NAMES, "lstm-naive"])
def test_all_columns_have_a_number_a_word_and_the_model_is_left_as_it_was(name):
    predictor = small(name)
    predictor.model.train()
    before = untouched(predictor)
    path = state_path(predictor, TEXTS[2], 0)
    assert_untouched(predictor, before)
    columns = [getattr(path, f.name) for f in fields(path) if f.name != "explained"]
    assert {len(column) for column in columns} == {len(path.words)}
    assert 0 < path.explained <= 1 + 1e-12
