"""Which sentence of an answer is most like each key point, by the packaged sentence encoder.

A hint and no judge: sentences that deny each other are often more alike than two that agree.
Legend: B sentences, D width, P points.
"""

from collections.abc import Sequence
from typing import Any

import torch
from torch.nn.functional import normalize

from core.models.open_encoder import open_encoder
from core.models.sentence_encoder import mean_state
from core.text.sentences import split_sentences

MOST_SENTENCES = 60


def similar_sentences(points: Sequence[str], answer: str) -> dict[str, Any]:
    """Return, for each point, the most similar sentence of `answer` and the cosine of the two.

    As "sentences", "similarities" and "encoder"; a sentence is "" where the answer has none.

    Raises:
        DataMissingError: the encoder is not installed.
    """
    sentences = [each for each in split_sentences(answer) if each.strip()][:MOST_SENTENCES]
    encoder = open_encoder()
    if not sentences or not points:
        return {
            "sentences": [""] * len(points),
            "similarities": [0.0] * len(points),
            "encoder": encoder.title,
        }
    with torch.inference_mode():
        inputs = encoder.inputs(encoder.encode([*points, *sentences]))
        states_BD = normalize(mean_state(encoder(inputs), inputs.lengths_B), dim=-1)
        likeness_PB = states_BD[: len(points)] @ states_BD[len(points) :].T
        best = likeness_PB.max(dim=1)
    return {
        "sentences": [sentences[place] for place in best.indices.tolist()],
        "similarities": best.values.tolist(),
        "encoder": encoder.title,
    }
