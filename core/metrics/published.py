"""What others measured and printed, to set beside one's own curves: no number here is ours.

They are of other data, models and tokenizers: compare the shape, never the height.
"""

from dataclasses import dataclass

BAHDANAU_2015 = (
    "Bahdanau, Cho and Bengio 2015, Neural machine translation by jointly learning to align and "
    "translate, https://arxiv.org/abs/1409.0473"
)
SUTSKEVER_2014 = (
    "Sutskever, Vinyals and Le 2014, Sequence to sequence learning with neural networks, "
    "https://arxiv.org/abs/1409.3215"
)
CHO_2014 = (
    "Cho et al. 2014, On the properties of neural machine translation: encoder-decoder "
    "approaches, https://arxiv.org/abs/1409.1259"
)
POUGET_ABADIE_2014 = (
    "Pouget-Abadie et al. 2014, Overcoming the curse of sentence length for neural machine "
    "translation using automatic segmentation, https://arxiv.org/abs/1409.1257"
)
KOEHN_KNOWLES_2017 = (
    "Koehn and Knowles 2017, Six challenges for neural machine translation, "
    "https://arxiv.org/abs/1706.03872"
)
BENTREVETT = (
    "Trevett, pytorch-seq2seq, outputs of its notebooks, "
    "https://github.com/bentrevett/pytorch-seq2seq"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedScore:
    """A printed test score.

    Attributes:
        has_attention: None for a system that is not a neural encoder-decoder.
        bleu: corpus BLEU from 0 to 100, on all test sentences.
        bleu_known: the same on the sentences without an unknown word; None if not printed.
        perplexity: of the test set; None if not printed.
    """

    system: str
    has_attention: bool | None
    data: str
    bleu: float
    citation: str
    bleu_known: float | None = None
    perplexity: float | None = None


@dataclass(frozen=True, slots=True)
class PublishedFinding:
    """What a paper says about length, in our words."""

    finding: str
    citation: str


def _bahdanau(system: str, has_attention: bool | None, bleu: float, known: float) -> PublishedScore:
    return PublishedScore(
        system=system,
        has_attention=has_attention,
        data="WMT14 English-French",
        bleu=bleu,
        bleu_known=known,
        citation=BAHDANAU_2015,
    )


def _trevett(system: str, has_attention: bool, bleu: float, perplexity: float) -> PublishedScore:
    return PublishedScore(
        system=system,
        has_attention=has_attention,
        data="Multi30k German-English",
        bleu=bleu,
        perplexity=perplexity,
        citation=BENTREVETT,
    )


# The number in a name is the longest sentence it was trained on, in words.
SCORES = (
    _bahdanau("RNNenc-30", False, 13.93, 24.19),
    _bahdanau("RNNsearch-30", True, 21.50, 31.44),
    _bahdanau("RNNenc-50", False, 17.82, 26.71),
    _bahdanau("RNNsearch-50", True, 26.75, 34.16),
    _bahdanau("RNNsearch-50, trained longer", True, 28.45, 36.15),
    _bahdanau("Moses (phrases, no network)", None, 33.30, 35.63),
    PublishedScore(
        system="deep LSTM, source reversed",
        has_attention=False,
        data="WMT14 English-French",
        bleu=34.8,
        citation=SUTSKEVER_2014,
    ),
    _trevett("LSTM encoder-decoder", False, 13.8, 43.8),
    _trevett("GRU, context at each step", False, 20.6, 37.5),
    _trevett("GRU with attention", True, 28.3, 25.6),
)

FINDINGS = (
    PublishedFinding(
        "Encoded into one vector, a sentence is translated worse the longer it is.", CHO_2014
    ),
    PublishedFinding(
        "One vector serves sentences of fewer than 20 words well and longer ones badly, most of "
        "all those longer than any in training.",
        POUGET_ABADIE_2014,
    ),
    PublishedFinding(
        "A deep LSTM with the source reversed had no difficulty with long sentences: a counter-"
        "example to the rule that one vector must lose them.",
        SUTSKEVER_2014,
    ),
    PublishedFinding(
        "With attention, neural translation keeps up with phrase-based up to about 60 words and "
        "falls behind beyond; and attention may differ from the word alignment.",
        KOEHN_KNOWLES_2017,
    ),
)
