import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser

import pytest
from interview_cards import RIGHT, made_card, made_deck

from core.practice.deck import deck
from core.practice.interview import begin, end, rate_card, take_answer
from core.practice.interview_setup import InterviewSetup
from core.practice.report import fenced, html_report, markdown_report

AT = datetime(2026, 11, 25, 23, 30, tzinfo=UTC)
CARDS = made_deck(made_card("one", topic="clipping"), made_card("two", topic="gates"))


def held(*answers, cards=CARDS, plan=("one", "two")):
    setup = InterviewSetup(minutes=15, topics=("clipping", "gates"), level="mid")
    interview = begin(setup, plan, interview_id="abc", at=AT, cards=cards)
    for place, text in enumerate(answers, start=1):
        at = AT + timedelta(seconds=170 * place)
        interview = take_answer(interview, interview.number, text, at=at, cards=cards)
    at = AT + timedelta(seconds=170 * len(answers) + 5)
    return end(interview, interview.number, "", at=at, cards=cards)


class Tags(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.seen, self.attributes = [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.seen.append(tag)
        self.attributes += [(tag, *each) for each in attrs]


def tags(text):
    return Tags(text).seen


def test_it_says_when_what_and_how_much():
    told = markdown_report(rate_card(held("alpha omega", "beta"), "one", "hard"), CARDS)
    assert told.startswith("# Mock interview, 25 November 2026, 23:30 (UTC)\n")
    assert "15 minutes, mid level, on clipping, gates." in told
    assert "**17% of the key points:** 0.5 of 3, in 1 of 2 questions, with 1 mistake." in told
    assert "It took 5:45 minutes, 0:50 of them overtime." in told
    assert "matching phrases, not by understanding" in told
    assert "| Clipping | 1 | 0.5 of 3 | 17% |" in told
    assert "## 1 · Clipping · 0.5 of 3 points" in told
    assert "Time: 2:50 of 2:30." in told
    assert "Named:\n\n- It is alpha." in told
    assert "Missed:\n\n- It is beta.\n- It is gamma." in told
    assert "Mistakes:\n\n- It is omega. It is not." in told
    assert "### Follow-up: And beta?" in told
    assert "Rated by myself: Hard." in told
    assert "### Reference answer\n\nAlpha, beta and gamma." in told
    assert "Sources: A book" in told


def test_the_date_is_that_of_the_reader():
    assert "26 November 2026, 00:30 (Europe/Berlin)" in markdown_report(
        held(RIGHT), CARDS, zone="Europe/Berlin"
    )
    for nowhere in ("Nowhere/Land", "", "../etc"):
        assert "23:30 (UTC)" in markdown_report(held(RIGHT), CARDS, zone=nowhere)


def test_a_card_that_is_gone_keeps_what_it_held_that_day():
    told = markdown_report(held("alpha"), {})
    assert "What of one?" in told
    assert "It is beta." in told
    assert "Reference answer" not in told


def test_an_interview_without_an_answer_has_a_report():
    told = markdown_report(held(), CARDS)
    assert "Nothing was answered." in told
    assert "Weakest" not in told
    assert "<h1>" in html_report(held(), CARDS)


HOSTILE = [
    "<script>alert(1)</script>",
    "</code></pre><img src=x onerror=alert(1)>",
    "```\n<script>alert(1)</script>\n```",
    "~~~\n``````\n</pre><iframe src='//x'>",
    "![x](http://example.org/x.png) [y](javascript:alert(1))",
    "</style></head><body onload=alert(1)>",
    "line\n# heading\n\n> quote\n<b>bold</b> & &lt;",
    "{title} {body} {0} %s",
    "\x00\x1b[31m\u202e<script>",
]


@pytest.mark.parametrize("answer", HOSTILE)
def test_nothing_that_was_answered_becomes_markup(answer):
    plain, hostile = held("words"), held(answer)
    written = html_report(hostile, CARDS)
    assert tags(written) == tags(html_report(plain, CARDS))
    assert not [name for _, name, _ in Tags(written).attributes if name.startswith("on")]
    assert "\x00" not in written
    assert "\x1b" not in written


@pytest.mark.parametrize("answer", HOSTILE[:-1])
def test_what_was_answered_stands_there_word_by_word(answer):
    told = markdown_report(held(answer), CARDS)
    fence = re.search(r"^(`{3,})answer$", told, re.MULTILINE)[1]
    block = told.split(f"{fence}answer\n", 1)[1].split(f"\n{fence}", 1)[0]
    assert block == answer


def test_a_fence_is_longer_than_any_in_the_text():
    assert fenced("a ```` b").startswith("`````answer\n")
    assert fenced("plain") == "```answer\nplain\n```"


def test_what_a_stored_interview_says_is_no_markup_either():
    interview = held("alpha")
    bad = replace(interview.asked[0], question="<script>alert(1)</script> ![x](//y) $a<b$")
    written = html_report(replace(interview, asked=(bad,)), {})
    assert not {"script", "img"} & set(tags(written))


def test_the_file_holds_all_it_needs_and_runs_nothing():
    written = html_report(held("alpha", "beta"), CARDS)
    assert written.startswith("<!doctype html>")
    assert "default-src 'none'" in written
    assert "@media print" in written
    seen = Tags(written)
    assert not {"script", "link", "img", "iframe"} & set(seen.seen)
    assert not [each for each in seen.attributes if each[1] in ("src", "style")]


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("So $h_{t-1} * W_{hh} * a_1$ it is", '<span class="tex">h_{t-1} * W_{hh} * a_1</span>'),
        ("$$\n\\frac{a}{b} < 1\n$$", '<span class="tex wide">\\frac{a}{b} &lt; 1</span>'),
        ("It costs $5 and $6 a day", "It costs $5 and $6 a day"),
    ],
)
def test_formulas_stay_as_they_are(answer, expected):
    cards = made_deck(replace(CARDS["one"], answer=answer), CARDS["two"])
    assert expected in html_report(held("alpha", cards=cards), cards)


def test_every_card_of_the_deck_can_be_reported():
    cards = deck()
    setup = InterviewSetup(minutes=45, topics=("clipping",), level="mid")
    for card in cards.values():
        begun = begin(setup, (card.id,), interview_id="x", at=AT, cards=cards)
        ended = end(begun, 1, card.answer, at=AT + timedelta(seconds=9), cards=cards)
        written = html_report(ended, cards)
        body = re.sub(r"<(code|pre|span)\b.*?</\1>", "", written, flags=re.DOTALL)
        assert "$" not in body, card.id
