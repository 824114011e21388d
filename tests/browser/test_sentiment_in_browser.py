"""The sentiment lab as a visitor meets it: train, watch rows come, bring a table, read a text."""

import pytest
from kept_runs import keep_run, train_run
from lab_page import choose, press, run_id, train, wait_for_plot, wait_for_state
from test_live_run import wait_for_event
from test_translation_in_browser import HAS_MARKS, TOO_WIDE
from test_your_text_in_browser import assert_nothing_lives, metrics

from core.labs.config_json import config_to_json
from core.labs.sentiment_config import SentimentConfig
from core.runs.states import ENDS
from core.runs.store import read_config

MODELS = ("majority", "bag-of-words", "nb-svm", "lstm", "cnn", "transformer")
SMALL = {"models": MODELS, "folds": 2, "rows": 1200, "width": 16, "hidden": 16, "epochs": 2}
LONG = SentimentConfig(**SMALL | {"models": MODELS[:4], "folds": 10, "epochs": 100}, patience=100)
"""Minutes; its test stops it."""
PICKER = ".st-key-sentiment_rows-file input[type=file]"
CELLS = """(() => {
    const rows = document.querySelectorAll('.st-key-card_shootout canvas [role=row]');
    return [...rows].map(row => [...row.querySelectorAll('[role=gridcell]')]
        .map(cell => cell.textContent)).filter(row => row.length);
})()"""
STATES = f"{CELLS}.map(row => row[1])"
CARDS = ("accuracy", "frontier", "epochs", "loss", "ranking", "confusion", "calibration")
CARDS += ("by_length", "text_probabilities", "text_words", "text_path", "text_plane")
CARDS += ("order_accuracy", "order_flips", "classes", "text_lengths")
PROBES = {
    "Negation": ("negation",),
    "Padding": ("padding",),
    "Padding lab": ("padding_cosine", "padding_accuracy"),
    "Longer texts": ("longer",),
}
SECRET = "quillzyx"
MARKUP = "<script>alert(1)</script> <img src=x onerror=alert(2)> [x](javascript:alert(4))"
CLASSES = ("<b id=alive>good</b>", "![bad](http://127.0.0.1/x.png)", "=1+1")


def table(count=240):
    """A table of three classes whose names, like its texts, would like to be markup."""
    words = {CLASSES[0]: "fine warm", CLASSES[1]: "dull cold", CLASSES[2]: "plain even"}
    rows = [
        (label, f"{words[label]} {SECRET} number {n}")
        for n in range(count // 3)
        for label in CLASSES
    ]
    rows[0] = (CLASSES[0], f"{MARKUP} fine warm")
    return "label,text\n" + "".join(f'{label},"{text}"\n' for label, text in rows)


REFUSED = {
    "empty.csv": (b"", "The file is empty."),
    "header.csv": (b"text,label\n", "There is no row below the names of the columns."),
    "one class.csv": (
        "".join(f"film number {n},good\n" for n in range(30)).encode(),
        "rows have the same label, in column 2;",
    ),
    "image.csv": (b"\x89PNG\r\n\x1a\n" + bytes(200), "The file is a PNG image, not plain text."),
}


@pytest.fixture(scope="module")
def small_run(shared_server):
    """Small classifiers that were trained from the command line: their form starts small too."""
    return train_run(shared_server, lab="sentiment", **SMALL)


@pytest.fixture
def tab(server, browser, small_run):
    tab = browser.open(f"{server.url}/sentiment?run={small_run}")
    wait_for_state(tab, "Done")
    return tab


def test_rows_come_while_the_models_train_and_a_reload_goes_on(server, browser):
    like = keep_run(server, LONG, lab="sentiment")
    tab = browser.open(f"{server.url}/sentiment?run={like}")
    wait_for_state(tab, "Done")
    started = train(tab)
    assert read_config(server.folder(started)) == config_to_json(LONG)
    wait_for_state(tab, "Running")
    tab.locator(".st-key-card_shootout").scroll_into_view_if_needed()
    tab.wait_for_function(f"{STATES}.length === {len(LONG.models)}")
    tab.wait_for_function(f"{STATES}.some(said => said.startsWith('fold '))")
    tab.wait_for_function(f"{CELLS}.some(row => /^[0-9.]+ [(]/.test(row[2]))")
    wait_for_plot(tab, "epochs", "plot => plot.data.some(({x}) => x.length > 1)")

    tab.reload()
    wait_for_state(tab, "Running")
    assert run_id(tab) == started
    tab.locator(".st-key-card_shootout").scroll_into_view_if_needed()
    tab.wait_for_function(f"{CELLS}.some(row => /^[0-9.]+ [(]/.test(row[2]))")
    wait_for_plot(tab, "loss", "plot => plot.data.some(({x}) => x.length > 20)")
    press(tab, "stop")
    wait_for_state(tab, "Stopped")
    assert server.state(started) == "stopped"


def test_a_table_is_uploaded_trained_on_and_read_and_never_comes_alive(server, tab):
    choose(tab, "Train on", "Your labelled texts")
    tab.get_by_role("radio", name="A file", exact=True).click()
    upload(tab, table().encode(), "<img src=x onerror=alert(5)>.csv")
    kept, dropped, classes = metrics(tab)[:3]
    assert kept.endswith("240")
    assert dropped.endswith("0")
    assert classes.endswith("3")
    tab.get_by_text("All 240 texts are read whole.").wait_for()
    tab.wait_for_selector(".st-key-train button:enabled")
    run = train(tab)
    ended = wait_for_event(server, run, "state", lambda event: event["state"] in ENDS)
    assert ended["state"] == "done", ended["cause"]
    wait_for_state(tab, "Done")
    tab.locator(".st-key-card_shootout").scroll_into_view_if_needed()
    tab.wait_for_function(f"{STATES}.every(said => said === 'done')")
    wait_for_plot(tab, "confusion", "plot => plot.data[0].z.length === 3")
    wait_for_plot(tab, "text_probabilities", "plot => plot.data[0].z.length > 3")
    assert_nothing_lives(tab)
    assert SECRET in server.folder(run).joinpath("text.txt").read_text()
    assert SECRET not in server.said()


def upload(tab, content, name):
    tab.locator(PICKER).wait_for(state="attached")
    file = {"name": name, "mimeType": "text/csv", "buffer": content}
    tab.locator(PICKER).set_input_files(file)


def test_files_that_hold_no_labelled_texts_are_refused_in_a_sentence_each(tab):
    choose(tab, "Train on", "Your labelled texts")
    tab.get_by_role("radio", name="A file", exact=True).click()
    for name, (content, sentence) in REFUSED.items():
        upload(tab, content, name)
        tab.get_by_role("alert").filter(has_text=sentence).first.wait_for()
    assert tab.locator("[data-testid=stException]").count() == 0
    tab.wait_for_selector(".st-key-train button:disabled")


def test_a_typed_text_is_read_by_every_model_and_each_shows_what_it_goes_by(tab):
    tab.get_by_role("radio", name="Type one", exact=True).click()
    typed = tab.get_by_role("textbox", name="The text", exact=True)
    typed.fill("not bad at all, and never boring")
    typed.press("Control+Enter")
    words = "plot => plot.data[0].text.flat().filter(Boolean).length === 8"
    wait_for_plot(tab, "text_words", words)
    wait_for_plot(tab, "text_probabilities", f"plot => plot.data[0].x.length === {len(MODELS)}")
    wait_for_plot(tab, "text_path", "plot => plot.data[0].y.length === 8")
    tab.get_by_role("radio", name="Occlusion", exact=True).click()
    wait_for_plot(tab, "text_words", words)
    choose(tab, "Look into", "CNN")
    wait_for_plot(tab, "text_ngrams", "plot => plot.data[0].x.length > 0")
    choose(tab, "Look into", "Transformer")
    wait_for_plot(tab, "text_attention", "plot => plot.data[0].z.length === 8")
    assert tab.locator(".st-key-text_read").inner_text().startswith("not bad at all")


def test_a_claim_is_run_by_the_button_of_its_card_and_answered_there(tab):
    card = tab.locator(".st-key-claim-6")
    card.scroll_into_view_if_needed()
    card.get_by_role("button", name="Run", exact=True).click()
    card.get_by_role("button", name="Run again").wait_for()
    assert "Measured: right in 1 of 4 LSTMs" in card.inner_text()


def test_an_error_that_a_model_is_sure_of_is_put_under_the_lens(tab):
    errors = tab.locator(".st-key-card_errors")
    errors.scroll_into_view_if_needed()
    errors.locator("canvas").first.wait_for()
    box = errors.locator("canvas").first.bounding_box()
    tab.mouse.click(box["x"] + 16, box["y"] + 52)
    errors.get_by_role("button", name="Read this text").click(timeout=30_000)
    typed = tab.get_by_role("textbox", name="The text", exact=True)
    typed.wait_for()
    assert typed.input_value()
    wait_for_plot(tab, "text_words", "plot => plot.data[0].z.length > 0")


@pytest.mark.parametrize(("width", "scheme"), [(390, "dark"), (1280, "light")])
def test_every_picture_is_drawn_in_both_themes_without_sideways_scrolling(
    server, browser, small_run, width, scheme
):
    tab = browser.open(
        f"{server.url}/sentiment?run={small_run}",
        color_scheme=scheme,
        viewport={"width": width, "height": 844},
    )
    wait_for_state(tab, "Done")
    for card in CARDS:
        wait_for_plot(tab, card, HAS_MARKS)
        assert tab.evaluate(TOO_WIDE) == [], card
    for probe, cards in PROBES.items():
        tab.get_by_role("radio", name=probe, exact=True).click()
        for card in cards:
            wait_for_plot(tab, card, HAS_MARKS)
            assert tab.evaluate(TOO_WIDE) == [], card
