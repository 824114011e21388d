import json

import pytest

from core.errors import ConfigError, TextError
from core.labs.length_config import LengthConfig
from core.labs.length_material import prepare_length
from core.labs.length_texts import GENERATED

TEXT = "the quick brown fox jumps over the lazy dog; a small text of one's own.\n" * 80
ROWS = [[f"a film number {at} that is {word} to see", word] for at in range(40) for word in "ab"]


def packed(rows):
    return "\n".join(map(json.dumps, rows))


@pytest.mark.parametrize("task", GENERATED)
def test_generated_tasks_are_of_the_lengths_asked_for(task):
    found = prepare_length(LengthConfig(task=task, shortest=7, longest=9))
    assert (found.task.shortest, found.task.longest) == (7, 9)
    assert found.source == f"generated: {task}"


def test_a_language_model_reads_as_many_characters_as_asked_for():
    config = LengthConfig(task="language-model", corpus="own", characters=5200)
    found = prepare_length(config, TEXT)
    assert len(found.task.ids) == 5200
    assert found.task.vocabulary_size == len(set(TEXT)) + 1  # and one for what is unknown


def test_own_labelled_texts_keep_their_classes():
    config = LengthConfig(task="sentiment", corpus="own")
    found = prepare_length(config, packed(ROWS))
    assert found.task.classes == ("a", "b")
    assert found.source == "your own labelled texts"


def test_the_built_in_reviews_are_film_sentences():
    found = prepare_length(LengthConfig(task="sentiment"))
    assert found.task.classes == ("negative", "positive")
    assert "Pang and Lee" in found.source


def test_texts_that_cannot_be_used_are_refused_in_words():
    language = LengthConfig(task="language-model", corpus="own")
    labelled = LengthConfig(task="sentiment", corpus="own")
    with pytest.raises(TextError, match="No text of your own"):
        prepare_length(language)
    with pytest.raises(TextError, match="characters; to read 500"):
        prepare_length(language, "too short")
    with pytest.raises(TextError, match="No labelled texts of your own"):
        prepare_length(labelled)
    with pytest.raises((TextError, ConfigError)):
        prepare_length(labelled, packed(ROWS[:4]))
