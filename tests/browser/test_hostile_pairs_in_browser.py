"""Parallel text through the real upload: a report or a sentence, and nothing of it comes alive."""

from dataclasses import replace

import pytest
from kept_runs import keep_run
from lab_page import plot_data, run_id, train, wait_for_plot, wait_for_state
from test_live_run import wait_for_event
from test_your_text_in_browser import assert_nothing_lives, metrics

from core.labs.translation_config import TranslationConfig
from core.runs.states import ENDS

OWN = TranslationConfig(
    task="own",
    longest=12,
    buckets=(5, 10),
    pairs=1000,
    test_pairs=4,
    final_pairs=8,
    hidden=16,
    updates=20,
    looks=2,
)
SECRET = "quillzyx"
SHORT = [(f"the {a} {b} sleeps", f"{b} {a} dort ici") for a in "abcdefgh" for b in "klmno"]
LONG = [
    (f"the {a} {b} sleeps in the {SECRET} house", f"le {b} {a} dort dans la petite maison {SECRET}")
    for a in "abcdefgh"
    for b in "klmno"
]


def lines(pairs, sign="\t"):
    return "".join(f"{source}{sign}{target}\n" for source, target in pairs)


def numbered(source, target, count=40):
    return [(source.format(n), target.format(n)) for n in range(count)]


UGLY = (
    lines(SHORT + LONG)
    + "one column only\n" * 2
    + "\tnothing on the left\nnothing on the right\t\n\t\n"
    + f"{'word ' * 1000}\t{'mot ' * 1000}\n"
)
MARKUP = numbered(
    "<script>alert(1)</script> the dog {} sleeps",
    "<img src=x onerror=alert(2)> <b id=alive>chien</b> [link](javascript:alert(4)) {}",
)
RIGHT_TO_LEFT = numbered("the dog number {} sleeps", "הכלב מספר {} ישן <svg/onload=alert(3)>")
CJK = numbered("the dog {} sleeps", "狗{}在家里睡觉")
OPEN_QUOTE = [
    (source, f'"{target}' if n == 5 else target) for n, (source, target) in enumerate(LONG)
]

REFUSED = {
    "binary": (bytes(range(256)) * 40, "it may be a binary file"),
    "an image": (b"\x89PNG\r\n\x1a\n" + bytes(200), "The file is a PNG image, not plain text."),
    "empty": (b"", "The file is empty."),
    "blank": (b"\n\n  \n", "The file holds only spaces and line breaks."),
    "one line": (b"the dog\tle chien\n", "The file has one line only; at least 20 are needed"),
    "one column": (b"the dog sleeps\n" * 30, "There is one column only."),
}
READ = {
    "an open quote": (lines(OPEN_QUOTE, ",").encode(), "utf-8", "separated by commas"),
    "UTF-16": (lines(LONG).encode("utf-16"), "utf-16-le", "separated by tabs"),
    "a legacy encoding": (
        lines(numbered("le chien {} dort", "l’été à côté {} – déjà")).encode("cp1252"),
        "cp1252",
        "Guessed the encoding cp1252",
    ),
    "no spaces": (lines(CJK).encode(), "utf-8", "each character is a word"),
}


PICKER = ".st-key-translation_pairs-file input[type=file]"
SAYS = """beginnings => {  // whatever marks the direction of a sentence
    const said = document.querySelector('.st-key-sentence_text')?.innerText ?? '';
    const words = said.replace(/[\\u2066-\\u2069]/g, '');
    return beginnings.every(beginning => words.includes(beginning));
}"""
HAS_BUCKETS = """plot => ['Plain', 'Attention'].every(name => plot.data.some(
    trace => trace.name === name && trace.x.join() === '5,10'))"""


@pytest.fixture
def tab(server, browser):
    return open_form(server, browser, OWN)


def open_form(server, browser, config):
    """The page on a tiny run on own pairs, so that its form asks for a table of them."""
    tab = browser.open(f"{server.url}/translation?run={keep_run(server, config)}")
    tab.get_by_role("radio", name="A table").click()
    tab.locator(PICKER).wait_for(state="attached")
    return tab


def upload(tab, content, name="mine.tsv"):
    file = {"name": name, "mimeType": "text/tab-separated-values", "buffer": content}
    tab.locator(PICKER).set_input_files(file)


def test_files_that_hold_no_pairs_are_refused_in_a_sentence_each(tab):
    for name, (content, sentence) in REFUSED.items():
        upload(tab, content, f"{name}.tsv")
        tab.get_by_role("alert").get_by_text(sentence).wait_for()
        assert tab.locator("[data-testid=stMetric]").count() == 0, name
    assert tab.locator("[data-testid=stException]").count() == 0
    tab.wait_for_selector(".st-key-train button:disabled")  # there is nothing to train on


def test_unusual_files_are_read_and_their_encoding_is_shown(tab):
    for name, (content, encoding, note) in READ.items():
        upload(tab, content, f"{name}.csv")
        tab.get_by_text(note).first.wait_for()
        assert metrics(tab)[0].endswith("40"), name
        assert encoding in metrics(tab)[4], name


def test_a_table_is_uploaded_trained_on_and_its_run_has_a_link(server, browser, tab):
    upload(tab, UGLY.encode())
    kept, dropped = metrics(tab)[:2]
    assert kept.endswith("80")
    assert dropped.endswith("6")
    for said in (
        "Dropped 2 rows without exactly two columns, the first at row 81.",
        "Dropped 3 rows with nothing on one side or both, the first at row 83.",
        "Dropped 1 row longer than the limit of 200 words, the first at row 86.",
    ):
        tab.get_by_text(said).wait_for()
    run = train_to_the_end(server, tab)
    wait_for_plot(tab, "bleu", HAS_BUCKETS)

    other = browser.open(f"{server.url}/translation?run={run}")
    wait_for_state(other, "Done")
    assert run_id(other) == run
    wait_for_plot(other, "bleu", HAS_BUCKETS)
    assert [t["x"] for t in plot_data(other, "bleu")] == [t["x"] for t in plot_data(tab, "bleu")]
    assert server.folder(run).joinpath("text.txt").stat().st_mode & 0o077 == 0
    assert SECRET in server.folder(run).joinpath("text.txt").read_text()
    assert SECRET not in server.said()


def train_to_the_end(server, tab):
    run = train(tab)
    ended = wait_for_event(server, run, "state", lambda event: event["state"] in ENDS)
    assert ended["state"] == "done", ended["cause"]
    wait_for_state(tab, "Done")
    return run


def test_words_of_a_trained_text_are_shown_and_never_come_alive(server, browser):
    tab = open_form(server, browser, replace(OWN, longest=40, buckets=(14, 35)))
    upload(tab, lines(RIGHT_TO_LEFT + MARKUP).encode(), "<img src=x onerror=alert(5)>.tsv")
    assert metrics(tab)[0].endswith("80")
    train_to_the_end(server, tab)
    for length, *beginnings in (
        (14, "the dog number", "הכלב מספר"),
        (35, "< script > alert", "< img src = x onerror"),
    ):
        tab.locator(".st-key-sentence-bucket").get_by_role("radio", name=str(length)).click()
        tab.wait_for_function(SAYS, arg=beginnings)
        wait_for_plot(
            tab, "sentence_attention", "plot => plot.querySelector('.heatmaplayer image')"
        )
        assert_nothing_lives(tab)
