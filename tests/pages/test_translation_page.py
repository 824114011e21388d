"""The translation lab's page over runs made by hand: every state, every choice, every view."""

import pytest
from translation_records import HOSTILE, lab_events, ladder_columns, stored_run

from core.labs.config import PRESETS
from core.labs.translation_config import TranslationConfig

PAGE = "pages/labs/translation.py"
CONFIG = TranslationConfig(longest=50)


@pytest.fixture
def open_run(visit, engine):
    """Return how to open the page on a run made by hand."""

    def open_page(config=CONFIG, **how):
        return visit(PAGE, run=stored_run(engine.store, config, **how))

    return open_page


@pytest.mark.slow
def test_a_tiny_pair_is_trained_and_then_translates_a_typed_sentence(open_run, engine):
    tiny = TranslationConfig(
        hidden=16,
        longest=8,
        buckets=(5, 10),
        pairs=200,
        test_pairs=2,
        final_pairs=4,
        schedule="equal-updates",
        updates=12,
        looks=1,
    )
    at = open_run(tiny, events=[])
    at.number_input(key="translation.updates").set_value(10).run()
    at.button(key="train").click().run()
    assert not at.exception
    assert engine.pool.wait(at.query_params["run"], 120) == "done"
    at.run()
    said = shown(at)
    assert at.get("progress")[0].proto.text.startswith("**Done** · update 10 of 10 · ")
    assert any(text.startswith("Signature: ") for text in said)
    assert "**Plain**" in said
    assert any("sacreBLEU: `nrefs:1|" in text for text in said)
    at.segmented_control(key="sentence:how").set_value("Type one").run()
    at.text_input(key="sentence:typed").set_value("a small car").run()
    shown(at)
    assert "a small car </s>" in [text.value for text in at.text]
    before = [text.value for text in at.text]
    at.button(key="sentence:force").click().run()
    at.button(key="sentence:Undo").click().run()
    shown(at)
    assert [text.value for text in at.text] == before


def range_tested(at):
    return next(w for w in at.select_slider if str(w.key).startswith("translation:tested:"))


def shown(at):
    assert not at.exception
    assert not at.error
    return [text.value for text in [*at.markdown, *at.caption]]


def test_a_run_shows_its_verdict_its_words_and_its_samples(open_run):
    at = open_run()
    said = shown(at)
    _, badge, why = said[said.index("**Plain**") :][:3]
    assert badge.endswith(": Bottleneck]")
    assert why.strip() == "One vector holds it all."
    assert "Not diagnosed: 150 words." in said
    assert not [text for text in said if text.startswith("Plain, one vector")], "said once"
    assert "At 50 words attention is 40 BLEU ahead." in said
    assert any(HOSTILE in frame.value.to_csv() for frame in at.dataframe)


def test_the_recipe_of_bleu_stands_by_its_curve(open_run):
    said = shown(open_run())
    assert any(text.endswith("sacreBLEU: `nrefs:1|tok:none`") for text in said)


def test_the_difference_to_the_baseline_says_where_it_is_real(open_run):
    at = open_run()
    said = shown(at)
    assert "**Difference to Plain, by length**" in said
    words = "Attention: better at 10; may be chance at 25; worse at 50 words. Paired bootstrap"
    assert any(text.startswith(words) for text in said)
    at = open_run(events=lab_events(models=("plain",)))
    assert "One model alone has no other to beat." in shown(at)


def test_what_was_found_for_a_cause_is_said_beside_its_evidence(open_run):
    at = open_run()
    assert "**Attention.** It all goes through one vector." in shown(at)
    at.segmented_control(key="evidence").set_value("length").run()
    assert not [text for text in shown(at) if text.startswith("**Attention.**")]


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [("own-copy", "own-copy"), ("bible", "bible"), ("grammar-large", "grammar")],
)
def test_a_preset_leaves_the_task_that_was_chosen(open_run, chosen, expected):
    at = open_run()
    at.selectbox(key="translation.task").set_value(chosen).run()
    at.segmented_control(key="translation:preset").set_value("Quick").run()
    assert not at.exception
    assert at.selectbox(key="translation.task").value == expected
    assert at.session_state["translation.updates"] == PRESETS["translation"]["Quick"].updates


def test_nothing_of_a_sentence_is_put_into_the_page_as_markup(open_run):
    at = open_run()
    shown(at)
    assert not [html for html in at.get("html") if HOSTILE in str(html.proto)]
    assert not [text for text in [*at.markdown, *at.caption] if HOSTILE in text.value]


@pytest.mark.parametrize("events", [[], list(lab_events(is_whole=False))])
def test_a_run_without_any_table_shows_its_waiting_state(open_run, events):
    said = shown(open_run(events=events))
    assert any(text.startswith("The verdict comes when") for text in said)


def test_the_page_opens_on_its_example(visit):
    at = visit(PAGE)
    shown(at)
    assert at.get("progress")[0].proto.text.startswith("Example · ")


@pytest.mark.parametrize("metric", ["chrf", "token_accuracy", "exact_match", "bleu"])
def test_the_curve_can_be_measured_otherwise_on_the_same_card(open_run, metric):
    at = open_run()
    at.segmented_control(key="bleu_metric").set_value(metric).run()
    assert any(text.endswith("against reference length**") for text in shown(at))


@pytest.mark.parametrize("cause", ["attention", "exposure", "length", "bottleneck"])
def test_the_evidence_for_each_cause_can_be_shown(open_run, cause):
    at = open_run()
    at.segmented_control(key="evidence").set_value(cause).run()
    shown(at)


@pytest.mark.parametrize("quality", ["entropy", "matches_alignment", "padding_mass"])
def test_a_quality_that_was_not_measured_says_so(open_run, quality):
    at = open_run()
    at.segmented_control(key="evidence").set_value("attention").run()
    at.segmented_control(key="attention_quality").set_value(quality).run()
    has_none = any("No model here has this" in text for text in shown(at))
    assert has_none == (quality == "matches_alignment")


def test_the_ladder_is_shown_where_there_is_one_and_offered_where_there_is_none(open_run):
    at = open_run()
    at.button(key="set_ladder").click().run()
    shown(at)
    assert at.selectbox(key="translation.schedule").value == "ladder"
    assert len(at.multiselect(key="translation.models").value) > 8
    at = open_run(events=lab_events(ladder=True))
    tables = [frame.value for frame in at.dataframe if "verdict" in frame.value]
    assert list(tables[-1]["verdict"]) == ladder_columns()["verdict"]


def test_the_two_ranges_are_two_settings(open_run):
    at = open_run()
    assert at.slider(key="translation:trained").value == (4, 50)
    at.slider(key="translation:trained").set_value((10, 75)).run()
    range_tested(at).set_range(25, 100).run()
    shown(at)
    assert at.session_state["translation.shortest"] == 10
    assert at.session_state["translation.longest"] == 75
    assert at.session_state["translation.buckets"] == [25, 50, 75, 100]
    assert range_tested(at).value == (25, 100)
    at.segmented_control(key="translation:preset").set_value("Quick").run()
    quick = PRESETS["translation"]["Quick"]
    assert range_tested(at).value == (quick.buckets[0], quick.buckets[-1])
    assert at.slider(key="translation:trained").value == (quick.shortest, quick.longest)
    assert not at.error


def test_buckets_that_the_form_does_not_offer_are_kept_until_they_are_changed(open_run):
    at = open_run(TranslationConfig(buckets=(7, 33), longest=300))
    assert range_tested(at).value == (7, 33)
    assert at.slider(key="translation:trained").value == (4, 300)
    shown(at)
    assert at.session_state["translation.buckets"] == [7, 33]


@pytest.mark.parametrize("task", ["own", "own-copy", "own-reverse", "own-denoise"])
def test_a_text_that_was_not_brought_is_asked_for(open_run, task):
    at = open_run()
    at.selectbox(key="translation.task").set_value(task).run()
    assert not at.exception
    assert "text of yours yet" in at.error[0].value
    assert at.button(key="train").disabled


def test_every_view_of_every_card_can_be_chosen_here_too(open_run):
    at = open_run(events=lab_events(ladder=True))
    for cause in ("bottleneck", "attention", "exposure", "length"):
        at.segmented_control(key="evidence").set_value(cause).run()
        views = [w.key for w in at.segmented_control if str(w.key).startswith("card_view_")]
        for view in ("Table", "How it is computed", "Download"):
            for key in views:
                at.segmented_control(key=key).set_value(view)
            at.run()
            shown(at)
