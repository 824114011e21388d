"""Why a trained model loses words: the diagnosis of each pupil, as events."""

from collections.abc import Generator
from dataclasses import dataclass

from core.labs.translation_scores import Examiner
from core.models.translator import Translator
from core.training.events import Event
from core.training.pair_loop import Pupil


@dataclass(frozen=True, slots=True)
class ModelDiagnosis:
    """The verdict on one model, in a word and a sentence, with the numbers behind it."""

    verdict: str
    sentence: str
    evidence: list[str]


def diagnosis_events(
    examiner: Examiner, pupil: Pupil, untrained: Translator
) -> Generator[Event, None, ModelDiagnosis]:
    """Yield the tables of the diagnosis of one pupil, and return it."""
    yield from ()
    return ModelDiagnosis("nothing dominates", "", [])
