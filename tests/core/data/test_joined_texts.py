import pytest
import torch
from torch.nn.functional import one_hot

from core.data.joined_texts import JoinedTexts
from core.data.labelled import Example, LabelledCorpus
from core.data.length_task import score_lengths
from core.errors import TextError

CPU = torch.device("cpu")
CLASSES = ("red", "green", "blue")


def corpus(counts=(40, 40, 40), **changes):
    """Texts of three to five words: a word of the class, and one that no other text has."""
    examples = tuple(
        Example(f"{name} text " + " ".join([f"number{at}"] * (1 + at % 3)), label)
        for label, name in enumerate(CLASSES)
        for at in range(1000 * label, 1000 * label + counts[label])
    )
    options = {"name": "colours", "classes": CLASSES, "examples": examples, "citation": "none"}
    return LabelledCorpus(**(options | changes))


def task_of(made=None, **options):
    settings = {"shortest": 10, "longest": 20, "seed": 0} | options
    return JoinedTexts.of(made or corpus(), **settings)


def drawn(seed=0):
    return torch.Generator().manual_seed(seed)


def reads_colours(task):
    """Answers by the last word of a class that it read; such a word begins every text."""
    ids = torch.tensor(task.vocabulary.encode(CLASSES))

    def read(inputs_TB):
        last_B = torch.zeros(inputs_TB.shape[1], dtype=torch.long)
        answers = []
        for word_B in inputs_TB:
            is_colour_BC = word_B[:, None] == ids
            last_B = torch.where(is_colour_BC.any(1), is_colour_BC.int().argmax(1), last_B)
            answers.append(last_B)
        return one_hot(torch.stack(answers), len(CLASSES)).float()

    return read


def test_a_sequence_holds_texts_of_its_class_only_and_all_classes_come():
    task = task_of()
    batch = task.draw(30, 60, drawn())
    assert set(batch.targets[0].tolist()) == {0, 1, 2}
    assert (batch.targets == batch.targets[0]).all()
    for ids, label in zip(batch.inputs.T, batch.targets[0].tolist(), strict=True):
        words = set(task.vocabulary.decode(ids.tolist()))
        assert words & set(CLASSES) == {CLASSES[label]}


def test_who_reads_the_class_in_a_text_is_right_at_every_length():
    task = task_of()
    found = score_lengths(task, reads_colours(task), (1, 10, 60), sequences=30, device=CPU)
    assert (found == 1).all()


def test_no_text_is_in_both_parts():
    task = task_of()
    trained, held = ({row for rows in part for row in rows} for part in (task.trained, task.held))
    words = [
        {word for row in part for word in task.vocabulary.decode(row) if word.startswith("number")}
        for part in (trained, held)
    ]
    assert words[0]
    assert not words[0] & words[1]
    assert sum(map(len, task.held)) == pytest.approx(12, abs=1)


def test_every_text_of_a_class_comes_once_before_any_comes_again():
    rows = tuple((at,) * 2 for at in range(10, 15))
    task = JoinedTexts(trained=(rows,), held=(rows,), classes=("one",), vocabulary=None)
    batch = task.draw(20, 4, drawn())
    for ids in batch.inputs.T.tolist():
        assert sorted(ids[:10]) == sorted(ids[10:]) == sorted([10, 11, 12, 13, 14] * 2)


def test_the_texts_that_a_corpus_sets_aside_are_the_ones_held_out():
    test = tuple(
        Example(f"{name} only{at} tested", i) for i, name in enumerate(CLASSES) for at in range(3)
    )
    task = task_of(corpus(test=test))
    assert [len(rows) for rows in task.held] == [3, 3, 3]


def test_a_class_with_too_few_texts_is_named_by_its_number_and_not_quoted():
    with pytest.raises(TextError, match=r"Class 3 of 3 has \d texts.*Give more rows") as caught:
        task_of(corpus(counts=(40, 40, 3)))
    assert "blue" not in str(caught.value)


def test_the_sizes_are_those_of_the_words_and_the_classes():
    task = task_of()
    assert (task.output_size, task.vocabulary_size) == (3, len(task.vocabulary.words))
    batch = task.batch(5, drawn())
    assert 10 <= len(batch.inputs) <= 20
    assert batch.inputs.max() < task.vocabulary_size
    logits_TBC = torch.zeros(*batch.inputs.shape, 3)
    assert task.loss(logits_TBC, batch) == pytest.approx(1.0986, abs=1e-3)
