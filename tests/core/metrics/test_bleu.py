import random
import time

import pytest
import sacrebleu

from core.errors import ConfigError
from core.metrics.bleu import BucketScore, floor, score_buckets
from core.metrics.buckets import Buckets

BUCKETS = Buckets((3, 8, 15))
WORDS = ["le", "chat", "la", "souris", "mange", "vite", "et", ".", "(", "déjà", "猫", "l'eau"]


def problem(seed, sentences=40, longest=22, noise=0.3):
    """Return hypotheses and references as words: copies with words changed, lost and added."""
    chance = random.Random(seed)
    references = [
        [chance.choice(WORDS) for _ in range(chance.randint(0 if i % 9 == 0 else 1, longest))]
        for i in range(sentences)
    ]
    hypotheses = [
        [
            chance.choice(WORDS) if chance.random() < noise else word
            for word in reference
            if chance.random() > noise / 2
        ]
        + chance.choices(WORDS, k=chance.randint(0, 2))
        for reference in references
    ]
    return hypotheses, references


def lines(sentences):
    return [" ".join(sentence) for sentence in sentences]


def assert_equal_to_sacrebleu(score, hypotheses, references, tokenize="none"):
    assert score.n == len(references)
    if not references:
        assert score.bleu is score.chrf is score.brevity_penalty is score.length_ratio is None
        return
    theirs = sacrebleu.corpus_bleu(hypotheses, [references], tokenize=tokenize, force=True)
    assert score.bleu == pytest.approx(theirs.score, abs=1e-9)
    assert score.brevity_penalty == pytest.approx(theirs.bp, abs=1e-9)
    if theirs.ref_len:
        assert score.length_ratio == pytest.approx(theirs.sys_len / theirs.ref_len, abs=1e-9)
    else:
        assert score.length_ratio is None
    assert score.chrf == pytest.approx(
        sacrebleu.corpus_chrf(hypotheses, [references]).score, abs=1e-9
    )


def assert_all_equal_to_sacrebleu(hypotheses, references):
    """Compare overall and each bucket, sorted here by the slow and obvious way."""
    scores = score_buckets(hypotheses, references, BUCKETS, resamples=20)
    given, wanted = lines(hypotheses), lines(references)
    assert_equal_to_sacrebleu(scores.overall, given, wanted)
    assert [score.bucket for score in scores.buckets] == [3, 8, 15]
    for score in scores.buckets:
        end = score.high_length or 10**6
        low = 0 if score.low_length == 1 else score.low_length
        within = [i for i, words in enumerate(references) if low <= len(words) <= end]
        assert_equal_to_sacrebleu(score, [given[i] for i in within], [wanted[i] for i in within])
    assert sum(score.n for score in scores.buckets) == len(references)
    return scores


@pytest.mark.parametrize("seed", range(12))
def test_bleu_and_chrf_are_sacrebleus_overall_and_in_each_bucket(seed):
    scores = assert_all_equal_to_sacrebleu(*problem(seed, noise=0.05 * seed))
    assert 0 < scores.overall.bleu < 100 or seed == 0


LONG = ["un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix"]


@pytest.mark.parametrize(
    ("hypotheses", "references"),
    [
        pytest.param([[], LONG], [LONG[:4], LONG], id="one empty hypothesis"),
        pytest.param([[], [], []], [LONG, LONG[:2], LONG[:1]], id="all hypotheses empty"),
        pytest.param([["un"]], [["un"]], id="one word, right"),
        pytest.param([["un"]], [["deux"]], id="one word, wrong"),
        pytest.param([["un"]], [LONG], id="one word for ten"),
        pytest.param([LONG[:3]] * 5, [LONG[:3]] * 5, id="right, and shorter than four words"),
        pytest.param([LONG[:4]], [LONG[:4]], id="right, and four words"),
        pytest.param([LONG] * 4, [LONG] * 4, id="all sentences equal and right"),
        pytest.param([LONG] * 3, [LONG[:2], LONG[3:8], LONG[::-1]], id="one hypothesis for all"),
        pytest.param([["non"] * 9], [LONG], id="no word right"),
        pytest.param([LONG[::2]], [LONG], id="no pair of words right: smoothed"),
        pytest.param([LONG * 50], [LONG], id="much too long"),
        pytest.param([LONG, []], [[], []], id="empty references"),
        pytest.param([[" ", "un\tdeux"]], [["un", "deux"]], id="blanks inside of words"),
        pytest.param([], [], id="no sentence"),
    ],
)
def test_degenerate_sentences_score_as_in_sacrebleu(hypotheses, references):
    assert_all_equal_to_sacrebleu(hypotheses, references)


def test_a_perfect_system_scores_100_with_nothing_left_to_chance():
    score = score_buckets([LONG] * 40, [LONG] * 40, BUCKETS).buckets[1]
    assert score == BucketScore(
        bucket=8,
        low_length=6,
        high_length=11,
        n=40,
        bleu=pytest.approx(100),
        low=pytest.approx(100),
        high=pytest.approx(100),
        brevity_penalty=1.0,
        length_ratio=1.0,
        chrf=pytest.approx(100),
        token_accuracy=1.0,
        exact_match=1.0,
    )


def test_no_score_is_above_100_or_outside_its_interval_for_want_of_digits():
    for words in range(4, 11):
        score = score_buckets([LONG[:words]] * 3, [LONG[:words]] * 3, BUCKETS).overall
        assert score.low <= score.bleu <= score.high <= 100


def test_a_bucket_without_sentences_has_no_numbers():
    last = score_buckets([LONG], [LONG], BUCKETS).buckets[-1]
    assert last == BucketScore(bucket=15, low_length=12, high_length=None, n=0)


def test_one_sentence_has_a_score_and_no_interval():
    score = score_buckets([LONG[:8]], [LONG], BUCKETS).overall
    assert score.bleu > 0
    assert score.low is score.high is None


def test_the_score_of_a_bucket_is_not_the_mean_of_its_sentences():
    hypotheses, references = problem(3)
    whole = score_buckets(hypotheses, references, BUCKETS).overall.bleu
    alone = [
        sacrebleu.sentence_bleu(h, [r], tokenize="none").score
        for h, r in zip(lines(hypotheses), lines(references), strict=True)
    ]
    assert abs(whole - sum(alone) / len(alone)) > 0.5


@pytest.mark.parametrize("tokenize", ["13a", "char", "intl", "zh", "none"])
def test_strings_are_cut_by_the_tokenizer_that_the_signature_names(tokenize):
    hypotheses = ["The cat's here, isn't it?", "1,000.5 猫が好き (yes).", "It is."] * 2
    references = ["The cat is here, isn't it?", "1,000.5 猫が好き (no).", "It is!"] * 2
    scores = score_buckets(hypotheses, references, BUCKETS, tokenize=tokenize)
    assert_equal_to_sacrebleu(scores.overall, hypotheses, references, tokenize)
    assert scores.signature == (
        f"nrefs:1|case:mixed|eff:no|tok:{tokenize}|smooth:exp|version:{sacrebleu.__version__}"
    )
    assert scores.chrf_signature.startswith("nrefs:1|case:mixed|eff:yes|nc:6|nw:0")


def test_words_and_their_line_score_the_same():
    hypotheses, references = problem(5)
    words = score_buckets(hypotheses, references, BUCKETS)
    assert words == score_buckets(lines(hypotheses), lines(references), BUCKETS)


def test_tokenized_full_stops_make_no_noise(caplog):
    score_buckets([["un", "."]] * 200, [["un", "."]] * 200, BUCKETS, tokenize="13a")
    assert caplog.text == ""


def test_chrf_is_left_out_where_it_is_not_asked_for():
    scores = score_buckets(*problem(1), BUCKETS, with_chrf=False)
    assert (scores.overall.chrf, scores.chrf_signature) == (None, "")
    assert scores.overall.bleu > 0


def test_what_is_scored_is_left_as_it_was():
    hypotheses, references = problem(2)
    before = ([list(h) for h in hypotheses], [list(r) for r in references])
    score_buckets(hypotheses, references, BUCKETS)
    floor(references, BUCKETS)
    assert (hypotheses, references) == before


def test_the_same_seed_gives_the_same_interval_and_another_one_another():
    one, again, other = (score_buckets(*problem(4), BUCKETS, seed=s).overall for s in (0, 0, 1))
    assert one == again
    assert (one.low, one.high) != (other.low, other.high)
    assert one.bleu == other.bleu


def test_unequal_numbers_of_sentences_are_refused():
    with pytest.raises(ConfigError, match="1 hypotheses and 2 references"):
        score_buckets([LONG], [LONG, LONG], BUCKETS)


def test_the_floor_is_the_score_of_other_references_of_nearly_the_same_length():
    references = [["same"] * 5 + [f"word{i}"] * (i % 3) for i in range(30)]
    below = floor(references, Buckets((10,)))
    assert below.overall.n == 30
    assert 0 < below.overall.bleu < 100
    assert below.overall.length_ratio == pytest.approx(1, abs=0.1)
    assert below.overall.exact_match == pytest.approx(1 / 3)  # the ten that are five times "same"
    assert below == floor(references, Buckets((10,)))


def test_the_floor_never_takes_a_reference_as_its_own_hypothesis():
    references = [[f"{i}-{k}" for k in range(9)] for i in range(20)]
    assert [score.bleu for score in floor(references, BUCKETS).buckets] == [None, 0.0, None]


def test_the_floor_leaves_out_a_reference_that_is_alone_in_its_bucket():
    below = floor([LONG, LONG[:9], LONG[:2]], BUCKETS)
    assert [score.n for score in below.buckets] == [0, 2, 0]


def test_the_floor_stays_within_the_bucket():
    references = [["short"] * 5] * 2 + [["long"] * 6] * 2
    assert [score.exact_match for score in floor(references, BUCKETS).buckets] == [1.0, 1.0, None]


def test_the_floor_of_nothing_is_empty():
    assert floor([], BUCKETS).overall.n == 0


def test_a_look_while_training_costs_little():
    hypotheses, references = problem(0, sentences=192, longest=150)
    score_buckets(hypotheses[:2], references[:2], BUCKETS)  # imports sacreBLEU
    before = time.process_time()
    score_buckets(hypotheses, references, Buckets(), with_chrf=False)
    assert time.process_time() - before < 1
