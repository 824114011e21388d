from core.metrics.published import FINDINGS, SCORES


def test_every_published_figure_names_its_year_or_its_notebooks_and_where_to_read_it():
    for entry in (*SCORES, *FINDINGS):
        assert "https://" in entry.citation
        assert any(mark in entry.citation for mark in ("2014", "2015", "2017", "notebooks"))


def test_published_scores_are_percentages_and_better_without_unknown_words():
    assert len({score.system for score in SCORES}) == len(SCORES)
    for score in SCORES:
        assert 1 < score.bleu < 100
        assert score.bleu_known is None or score.bleu_known > score.bleu


def test_attention_is_above_its_plain_counterpart_wherever_both_were_printed():
    bleu = {score.system: score.bleu for score in SCORES}
    assert bleu["RNNsearch-30"] > bleu["RNNenc-30"]
    assert bleu["RNNsearch-50"] > bleu["RNNenc-50"]
    assert bleu["GRU with attention"] > bleu["LSTM encoder-decoder"]
