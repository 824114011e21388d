"""How a recurrent classifier's state, and with it its answer, moves from word to word.

Legend: T time (words of one text), H hidden width.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from core.diagnostics.forced_reading import undisturbed
from core.diagnostics.one_text import embed_text
from core.models.predictor import NeuralPredictor
from core.models.recurrent_classifier import RecurrentClassifier
from core.text.words import PAD, SPECIALS

_PREFIXES_AT_ONCE = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class StatePath:
    """What a recurrent classifier would answer if the text ended after each word.

    Attributes:
        words: those that are read; of a naive model its padding too.
        probability: of the class, after each word.
        norm: of the state that the answer is read from.
        change: how far each word moves that state, Euclidean; the first from zero.
        x: the state on the first principal axis of the path; with `y`, a picture of the path.
        y: the same on the second axis; all 0 of a text of one word.
        explained: share of the path's variance that this picture shows, from 0 to 1.
    """

    words: list[str]
    probability: list[float]
    norm: list[float]
    change: list[float]
    x: list[float]
    y: list[float]
    explained: float


def state_path(predictor: NeuralPredictor, text: str, label: int) -> StatePath:
    """Return the path of a recurrent classifier's state over a text.

    The state is what the answer is read from: the last state, or the maximum of all so far. A
    model that also reads backwards has no state "after a word": it reads the text up to there
    anew. Axes are those of this text, so pictures of two texts cannot be laid on each other; a
    long step says that a word changed the memory, not that it changed the answer.
    """
    model = predictor.model
    assert isinstance(model, RecurrentClassifier)
    with undisturbed(model):
        one = embed_text(predictor, text)
        states_TH = _states(model, one.features_1TE)
        probability_T = model.head(states_TH).cpu().double().softmax(1)[:, label]
    states_TH = states_TH.cpu().double()
    steps_TH = states_TH.diff(dim=0, prepend=torch.zeros_like(states_TH[:1]))
    places_T2, explained = principal_places(states_TH)
    return StatePath(
        words=[*one.words, *[SPECIALS[PAD]] * (len(states_TH) - one.count)],
        probability=probability_T.tolist(),
        norm=states_TH.norm(dim=1).tolist(),
        change=steps_TH.norm(dim=1).tolist(),
        x=places_T2[:, 0].tolist(),
        y=places_T2[:, 1].tolist(),
        explained=explained,
    )


def principal_places(states_TH: Tensor) -> tuple[Tensor, float]:
    """Return the states on their two principal axes, (T, 2), and the share of variance there.

    The sign of an axis is chosen so that its largest component is positive. Of a single state,
    or states that are all alike, all of the variance (none) is there.
    """
    centred_TH = states_TH - states_TH.mean(0)
    _, sizes, axes_AH = torch.linalg.svd(centred_TH, full_matrices=False)
    axes_2H = axes_AH[:2]
    largest_21 = axes_2H.gather(1, axes_2H.abs().argmax(1, keepdim=True))
    places_T2 = centred_TH @ (axes_2H * largest_21.sign()).T
    missing = 2 - places_T2.shape[1]
    total = float(sizes.square().sum())
    explained = float(sizes[:2].square().sum()) / total if total > 0 else 1.0
    return torch.nn.functional.pad(places_T2, (0, missing)), explained


def _states(model: RecurrentClassifier, features_1TE: Tensor) -> Tensor:
    """Return what the answer would be read from if the text ended after each word, (T, H)."""
    steps = features_1TE.shape[1]
    ends_T = torch.arange(1, steps + 1, device=features_1TE.device)
    if model.backwards:
        parts = torch.split(ends_T, _PREFIXES_AT_ONCE)
        return torch.cat([_prefix_states(model, features_1TE, some_B) for some_B in parts])
    states_1TH = model.states(features_1TE, ends_T[-1:])
    if model.pooling == "max":
        return states_1TH[0].cummax(0).values
    return states_1TH[0]


def _prefix_states(model: RecurrentClassifier, features_1TE: Tensor, ends_B: Tensor) -> Tensor:
    prefixes_BTE = features_1TE[:, : int(ends_B[-1])].expand(len(ends_B), -1, -1)
    return model.summary_at(model.states(prefixes_BTE, ends_B), ends_B)
