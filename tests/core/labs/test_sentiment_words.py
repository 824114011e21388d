from shootout_rows import scored, waiting

from core.labs.sentiment_config import SentimentConfig
from core.labs.sentiment_material import SentimentMaterial
from core.labs.sentiment_words import describe_sentiment


def said(*rows, notes=(), **settings):
    material = SentimentMaterial(
        classes=("negative", "positive"), folds=(), citation="", lengths=(), notes=notes
    )
    return describe_sentiment(SentimentConfig(**settings), rows, material)


def test_before_anything_is_tested_only_the_notes_are_said():
    assert said(waiting("lstm"), waiting("cnn"), notes=("A note.",)) == ["A note."]
    assert said(waiting("lstm")) == []


def test_who_leads_is_said_with_interval_and_errors():
    assert said(scored("lstm", 0.753, best=True, n=2559), waiting("cnn")) == [
        "LSTM leads with 75.3 % (73.3 % to 77.3 %) on 2,559 test texts: 632 errors."
    ]


def test_a_tie_is_called_one_and_two_are_listed():
    best = scored("lstm", 0.76, best=True)
    one = scored("cnn", 0.75, tie=True, more_errors=10)
    two = scored("gru", 0.755, tie=True, more_errors=5)
    assert said(best, one)[1] == "CNN is a tie with it: the difference may be chance."
    assert said(one, best, two)[1] == (
        "CNN and GRU are ties with it: the difference may be chance."
    )


def test_the_worse_are_listed_by_their_errors_and_the_floor_apart():
    sentences = said(
        scored("majority", 0.5, more_errors=280),
        scored("rnn", 0.70, more_errors=80),
        scored("nb-svm", 0.78, best=True),
        scored("lstm", 0.74, more_errors=40),
    )
    assert sentences[1:] == [
        "More errors than NB-SVM, and not by chance: LSTM 40 and RNN 80.",
        "Always answering the most frequent class is right 50.0 %.",
    ]


def test_where_the_floor_leads_it_is_not_said_twice():
    sentences = said(scored("majority", 0.6, best=True), scored("lstm", 0.59, tie=True))
    assert len(sentences) == 2
    assert sentences[0].startswith("Majority class leads with 60.0 %")


def test_while_folds_are_under_way_the_leader_is_that_of_the_texts_all_have_read():
    # the CNN has read one fold more, a hard one
    sentences = said(scored("cnn", 0.70, best=True, n=2000), scored("lstm", 0.74, more_errors=60))
    assert sentences[0].startswith("CNN leads with 70.0 %")
    assert sentences[1] == "More errors than CNN, and not by chance: LSTM 60."


def test_few_texts_are_warned_of():
    sentences = said(scored("lstm", 0.8, best=True, n=60))
    assert sentences[1] == (
        "Only 60 texts are tested: intervals are some 4 points wide, so small differences say "
        "nothing. Bring more texts, or choose more folds."
    )
    assert len(said(scored("lstm", 0.8, best=True, n=200))) == 1


def test_another_source_is_warned_of_and_notes_come_last():
    sentences = said(
        scored("lstm", 0.8, best=True), notes=("One note.", "Another."), test_source="imdb"
    )
    assert "another source than those trained on" in sentences[1]
    assert sentences[2:] == ["One note.", "Another."]


def test_code_as_written_that_learned_nothing_is_said_to_read_its_padding():
    floor = scored("majority", 0.5, more_errors=460)
    best = scored("lstm", 0.73, best=True, n=2000)
    stuck = scored("lstm-naive", 0.505, more_errors=450, n=2000)
    assert said(floor, best, stuck)[-1].startswith("LSTM as written is not better than that: ")
    learned = scored("lstm-naive", 0.70, more_errors=60, n=2000)
    assert not any("padding" in sentence for sentence in said(floor, best, learned))
