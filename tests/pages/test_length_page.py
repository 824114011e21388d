"""The length lab's page over runs made by hand: every state, every choice, every view."""

import pytest
from length_records import CONFIG, MODELS, lab_events, stored_run

from core.labs.config import PRESETS
from core.labs.length_config import LengthConfig
from core.labs.remedies import REMEDIES
from pages.components.remedies_table import interval_words

PAGE = "pages/labs/length.py"
ROWS = "\n".join(
    f"a {'fine' if n % 2 else 'dull'} film number {n}\t{'good' if n % 2 else 'bad'}"
    for n in range(60)
)
WAITS = "The remedies are tried one by one when the curves are complete."


@pytest.fixture
def open_run(visit, engine):
    """Return how to open the page on a run made by hand."""

    def open_page(config=CONFIG, **how):
        return visit(PAGE, run=stored_run(engine.store, config, **how))

    return open_page


def shown(at):
    assert not at.exception
    assert not at.error
    return [text.value for text in [*at.markdown, *at.caption]]


def remedies(at):
    return next(frame.value for frame in at.dataframe if "verdict" in frame.value)


def use_rows(at, text):
    at.text_area(key="length_rows:pasted_rows").set_value(text)
    return next(b for b in at.button if b.label == "Use these rows").click().run()


def test_the_page_opens_on_its_example(visit):
    at = visit(PAGE)
    shown(at)
    assert at.get("progress")[0].proto.text.startswith("Example · ")


def test_every_remedy_has_a_row_a_budget_with_its_verdict(open_run):
    at = open_run()
    shown(at)
    found = remedies(at)
    assert list(dict.fromkeys(found["label"])) == [
        "As trained",
        *(remedy.label for remedy in REMEDIES.values()),
    ]
    assert set(found["verdict"]) == {"", "helps", "does not help here", "hurts"}
    assert len(found) == 1 + sum(1 if r.kind == "reading" else 2 for r in REMEDIES.values())


def test_the_length_at_which_remedies_are_shown_can_be_chosen(open_run):
    at = open_run()
    assert "**Each remedy at 500 steps**" in shown(at)
    far = remedies(at)["score"][0]
    at.segmented_control(key="remedies_at").set_value(50).run()
    assert "**Each remedy at 50 steps**" in shown(at)
    assert remedies(at)["score"][0] != far


def test_no_answer_past_a_table_is_said_where_the_table_ends_before_the_length(open_run):
    at = open_run()
    shown(at)
    found = remedies(at).set_index("label")["score"]
    assert set(found[REMEDIES["transformer"].label]) == {"no answer"}
    notes = remedies(at).set_index("label")["note"]
    assert notes[REMEDIES["transformer"].label].iloc[0].startswith("Its table of positions ends")
    at.segmented_control(key="remedies_at").set_value(200).run()
    assert "no answer" not in set(remedies(at)["score"])


def test_words_of_the_table_by_hand():
    row = {"score": 0.963, "low": 0.94, "high": 0.98}
    row |= {"difference": -0.12, "difference_low": -0.2, "difference_high": 0.03}
    assert interval_words(row, "score", is_share=True) == "96 % (94–98)"
    assert interval_words(row, "difference", is_share=True) == "−12 (−20 to +3)"
    assert interval_words(row | {"low": None}, "score", is_share=True) == "96 %"
    assert interval_words(row | {"difference": None}, "difference", is_share=True) == ""
    assert interval_words(row | {"score": None}, "score", is_share=True) == "no answer"
    assert interval_words(row | {"score": 2.05}, "score", is_share=False) == "2.05 (0.94–0.98)"


@pytest.mark.parametrize("events", [[], list(lab_events(is_whole=False))])
def test_a_run_that_ended_early_promises_nothing(open_run, events):
    said = shown(open_run(events=events, state="stopped"))
    assert WAITS not in said
    assert "This run has no numbers for this picture." in said
    assert not any("on their way" in text for text in said)


def test_a_run_under_way_says_when_the_remedies_come(open_run):
    said = shown(open_run(events=lab_events(is_whole=False), state="running"))
    assert said.count(WAITS) == 2


def test_a_run_without_remedies_has_no_cards_of_them(open_run):
    at = open_run(LengthConfig(models=MODELS, remedies=()), events=lab_events(names=()))
    said = shown(at)
    assert not any("Each remedy at" in text for text in said)
    assert "**The forget gate**" in said


def test_transformers_alone_say_that_they_have_no_state(open_run):
    models = ("transformer", "transformer-alibi")
    config = LengthConfig(models=models, remedies=())
    said = shown(open_run(config, events=lab_events(models, names=())))
    assert said.count("None of these models has one.") == 4


def test_a_language_model_is_scored_by_its_loss(open_run):
    config = LengthConfig(models=MODELS, task="language-model")
    said = shown(open_run(config, events=lab_events(is_loss=True)))
    assert any(text.startswith("Line: mean loss") for text in said)
    assert any("within a tenth" in text for text in said)


@pytest.mark.parametrize("name", PRESETS["length"])
def test_a_preset_fills_the_form_and_can_be_trained(open_run, name):
    at = open_run()
    at.segmented_control(key="length:preset").set_value(name).run()
    shown(at)
    preset = PRESETS["length"][name]
    assert at.selectbox(key="length.task").value == preset.task
    assert list(at.multiselect(key="length.models").value) == list(preset.models)
    assert not at.button(key="train").disabled


def test_lengths_that_are_no_range_are_refused_in_a_sentence(open_run):
    at = open_run()
    at.slider(key="length.shortest").set_value(200).run()
    assert not at.exception
    assert at.error[0].value.startswith("longest ")
    assert at.button(key="train").disabled


def test_own_labelled_texts_are_asked_for_stored_and_trained_on(open_run, engine):
    at = open_run()
    at.selectbox(key="length.task").set_value("sentiment").run()
    shown(at)
    assert not at.button(key="train").disabled, "film reviews are built in"
    at.selectbox(key="length.corpus").set_value("own").run()
    assert not at.exception
    assert at.error[0].value.startswith("There are no labelled texts of yours yet")
    assert at.button(key="train").disabled
    at = use_rows(at, ROWS)
    shown(at)
    at.button(key="train").click().run()
    run_id = at.query_params["run"]
    text = (engine.store.folder(run_id) / "text.txt").read_text(encoding="utf-8")
    assert text.splitlines()[0] == '["a dull film number 0", "bad"]'
    engine.pool.command(run_id, "stop")
    engine.pool.wait(run_id, 60)


def test_an_own_text_is_asked_for(open_run):
    at = open_run()
    at.selectbox(key="length.task").set_value("language-model").run()
    at.selectbox(key="length.corpus").set_value("own").run()
    assert not at.exception
    assert at.error[0].value.startswith("There is no text of yours yet")


def test_every_view_of_every_card_can_be_chosen_here_too(open_run):
    at = open_run()
    views = [w.key for w in at.segmented_control if str(w.key).startswith("card_view_")]
    assert len(views) == 11
    for view in ("Table", "How it is computed", "Download"):
        for key in views:
            at.segmented_control(key=key).set_value(view)
        at.run()
        shown(at)


def test_a_text_of_ones_own_can_be_brought_from_its_page(visit):
    at = visit("pages/text/your_text.py")
    at.text_area(key="text_page:pasted").set_value("A river runs. " * 100)
    next(b for b in at.button if b.label == "Use this text").click().run()
    at.button(key="own_in_length").click().run()
    shown(at)
    assert at.selectbox(key="length.task").value == "language-model"
    assert at.selectbox(key="length.corpus").value == "own"
    assert not at.button(key="train").disabled


@pytest.mark.parametrize(
    "rows", ["", "one text without a label", "\x00\x01\t\x02", "a\tgood\nb\tgood", "=1+1\t=cmd"]
)
def test_rows_that_cannot_be_joined_are_refused_in_a_sentence(open_run, rows):
    at = open_run()
    at.selectbox(key="length.task").set_value("sentiment").run()
    at.selectbox(key="length.corpus").set_value("own").run()
    at = use_rows(at, rows)
    assert not at.exception
    assert at.error
    assert at.button(key="train").disabled
