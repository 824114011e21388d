"""One sentence under the lens: what is asked, what an edit does, and that it can be undone."""

import pytest
from translation_records import HOSTILE, HYPOTHESIS, SENTENCE, lab_events, stored_run

from core.errors import ConfigError
from core.labs.translation_config import TranslationConfig
from core.training.events import CheckpointEvent
from pages.components import cache
from pages.components import engine as engine_module

PAGE = "pages/labs/translation.py"


class Desk:
    """Answers as the translation desk does, by a rule: a forced word is answered in capitals."""

    def __init__(self):
        self.asked = []

    def ask(self, target, question, timeout):
        self.asked.append((target, question))
        source = question.get("source", " ".join(SENTENCE)).split()
        if not source:
            raise ConfigError("The sentence has no words; type at least one.")
        words = list(HYPOTHESIS)
        for edit in question["edits"]:
            words[edit["target"]] = words[edit["target"]].upper()
        has_attention = question["model"] == "attention"
        weights = [[1 / len(source)] * len(source)] * len(words)
        return {
            "source": source,
            "target": words,
            "reference": words if "sample" in question else None,
            "log_probabilities": [-0.1] * len(words),
            "unknown": [1],
            "attention": [weights, weights] if has_attention else None,
            "maps": ["head 1", "head 2"] if has_attention else [],
            "erasure": weights,
            "quality": {"entropy": 0.9, "never_attended": 0.1, "padding_mass": 0.0},
            "beam_tree": _tree(question["beam"]),
            "sentence": "The least certain is word 1.",
            "notes": ["It was quick."],
            "unedited": list(HYPOTHESIS) if question["edits"] else None,
        }

    def close(self):
        """There is no process to end."""


def _tree(beam):
    node = {"parent": None, "word": HOSTILE, "log_probability": 0.0, "kept": True, "rank": 0}
    return [{"id": 0, "step": 0, **node}] if beam > 1 else []


@pytest.fixture
def page(visit, engine, monkeypatch):
    """The page on a run with weights, and the desk that it asks."""
    desk = Desk()
    found = engine_module.Engine(engine.store, engine.pool, desk, engine.long_desk)
    monkeypatch.setattr(engine_module, "_engine", found)
    cache.engine.clear()
    cache.translated.clear()
    weights = [CheckpointEvent(model=m, step=20, state={}) for m in ("plain", "attention")]
    run_id = stored_run(engine.store, TranslationConfig(), events=[*lab_events(), *weights])
    yield visit(PAGE, run=run_id), desk
    monkeypatch.undo()
    cache.engine.clear()


def place(at, name):
    return next(w for w in at.selectbox if str(w.key).startswith(f"sentence:{name}:"))


def texts(at):
    assert not at.exception
    return [text.value for text in at.text]


def test_the_model_that_looks_back_is_asked_first_about_a_test_sentence(page):
    at, desk = page
    assert " ".join(HYPOTHESIS) in texts(at)
    assert not at.error
    target, question = desk.asked[-1]
    assert target == "core.labs.translation_desk:translate"
    assert question["model"] == "attention"
    assert question["sample"] == {"bucket": 10, "index": 0}
    assert question["edits"] == []
    assert question["checkpoint"].endswith(".pt")


def test_only_test_sentences_that_there_are_can_be_asked_for(page):
    at, desk = page
    numbers = [w for w in at.number_input if str(w.key).startswith("sentence:index:")]
    assert [number.max for number in numbers] == [95]
    numbers[0].set_value(95).run()
    at.segmented_control(key="sentence:bucket").set_value(150).run()
    assert not at.exception
    assert desk.asked[-1][1]["sample"] == {"bucket": 150, "index": 0}
    number = next(w for w in at.number_input if str(w.key).startswith("sentence:index:"))
    assert number.max == 4, "of five sentences"


def test_forcing_a_position_changes_the_output_and_undo_restores_it(page):
    at, desk = page
    before = texts(at)
    place(at, "row").set_value(1).run()
    place(at, "column").set_value(2).run()
    at.button(key="sentence:force").click().run()
    assert desk.asked[-1][1]["edits"] == [{"target": 1, "source": 2, "kind": "force"}]
    assert texts(at) != before
    assert (place(at, "row").value, place(at, "column").value) == (1, 2)
    assert " ".join(HYPOTHESIS) in texts(at), "what it was without the edit stands below"
    at.button(key="sentence:block").click().run()
    assert desk.asked[-1][1]["edits"] == [{"target": 1, "source": 2, "kind": "block"}]
    place(at, "column").set_value(0).run()
    at.button(key="sentence:block").click().run()
    assert len(desk.asked[-1][1]["edits"]) == 2
    at.button(key="sentence:Undo").click().run()
    at.button(key="sentence:Undo").click().run()
    assert texts(at) == before
    assert at.button(key="sentence:Undo").disabled


def test_another_sentence_begins_without_the_edits_of_the_last(page):
    at, desk = page
    at.button(key="sentence:force").click().run()
    at.number_input(key="sentence:index:10").set_value(1).run()
    assert desk.asked[-1][1]["edits"] == []
    assert not at.exception


def test_a_source_can_be_edited_and_typed(page):
    at, desk = page
    at.button(key="sentence:edit").click().run()
    assert at.text_input(key="sentence:typed").value == " ".join(SENTENCE[:-1])
    at.text_input(key="sentence:typed").set_value("the cat").run()
    assert desk.asked[-1][1]["source"] == "the cat"
    assert "the cat" in texts(at)
    at.text_input(key="sentence:typed").set_value("").run()
    assert [error.value for error in at.error] == ["The sentence has no words; type at least one."]


def test_a_model_without_attention_says_so_and_cannot_be_steered(page):
    at, desk = page
    at.selectbox(key="sentence:model").set_value("plain").run()
    assert desk.asked[-1][1]["model"] == "plain"
    assert any("no attention to look at" in caption.value for caption in at.caption)
    assert not [button for button in at.button if button.key == "sentence:force"]


def test_a_beam_shows_its_tree(page):
    at, desk = page
    at.slider(key="sentence:beam").set_value(4).run()
    assert desk.asked[-1][1]["beam"] == 4
    assert any(text.value == "**The beam**" for text in at.markdown)
    assert not at.exception
