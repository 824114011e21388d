"""What a length run is trained on, by name, and labelled texts. No torch here: scripts ask too."""

from core.data.labelled import LabelledCorpus
from core.data.reviews import load_reviews
from core.errors import TextError
from core.labs.length_config import LengthConfig
from core.labs.sentiment_material import own_corpus
from core.text.labelled import unpack_labelled

GENERATED = {
    "count": "RunningCount",
    "bounded-walk": "BoundedWalk",
    "majority": "MajoritySoFar",
    "modulo": "SumModulo",
    "anbn": "AnBn",
}
"""The classes of `core.data.counting`, by task."""

REVIEWS = "rotten_tomatoes"


def labelled_corpus(config: LengthConfig, text: str | None) -> LabelledCorpus:
    """Return the film reviews, or with the corpus "own" the visitor's packed rows.

    Raises:
        TextError: own texts are asked for and there are none.
        DataMissingError: the package of the reviews is not installed.
    """
    if config.corpus != "own":
        return load_reviews(REVIEWS)
    if not text:
        raise TextError(
            "No labelled texts of your own were given. Paste or upload some, or choose the "
            "built-in film reviews."
        )
    return own_corpus(*unpack_labelled(text))
