"""The report of an interview: Markdown, and the same as one HTML file that prints well.

What the candidate wrote stands in fenced blocks, so that no renderer takes it for markup. The
HTML file holds all it needs, runs nothing and fetches nothing; its formulas stay TeX.
"""

import html
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline

from core.practice.card import LEVELS, TOPICS, Card
from core.practice.interview import Asked, Interview
from core.practice.interview_review import (
    HOW_IT_IS_SCORED,
    CardResult,
    card_results,
    clocked,
    summary,
    topic_table,
    weakest,
)
from core.practice.schedule import RATINGS

ANSWER = "answer"
"""The language of a block that holds what the candidate wrote."""

_HOW = {"unknown": "not known", "time": "taken when the time was up", "cut": "cut off by the end"}
_RUN = re.compile(r"`+")
_TEX = re.compile(r"\$\$(?P<wide>[^$]+?)\$\$|\$(?P<tex>[^\s$](?:[^$\n]*[^\s$\\])?)\$(?!\d)")
_STYLE = """
:root { color-scheme: light; }
body { margin: 2rem auto; padding: 0 1rem; max-width: 46rem; color: #1b2430; background: #fff;
  font: 16px/1.5 system-ui, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
h1 { font-size: 1.7rem; line-height: 1.25; } h3 { font-size: 1.05rem; }
h2 { font-size: 1.25rem; margin-top: 2.2rem; border-top: 1px solid #dde2e8; padding-top: 1rem; }
table { border-collapse: collapse; } th, td { padding: 0.25rem 1.2rem 0.25rem 0; text-align: left;
  border-bottom: 1px solid #dde2e8; font-variant-numeric: tabular-nums; }
pre, code { font: 0.88em/1.45 ui-monospace, "DejaVu Sans Mono", Consolas, monospace; }
pre { background: #f6f8fa; padding: 0.7rem 0.9rem; white-space: pre-wrap; overflow-wrap: anywhere; }
pre:has(> .language-answer) { background: none; border-left: 3px solid #0072b2; }
pre > .language-answer { font: inherit; font-family: system-ui, sans-serif; }
.tex { font: italic 1em/1.4 ui-serif, Cambria, Georgia, serif; overflow-wrap: anywhere; }
.tex.wide { display: block; margin: 0.6rem 1.5rem; }
@page { margin: 18mm; }
@media print {
  body { margin: 0; padding: 0; max-width: none; font-size: 11pt; }
  h1, h2, h3 { break-after: avoid; } li, tr { break-inside: avoid; } p { orphans: 3; widows: 3; }
  pre { break-inside: auto; }
}
"""
_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
{body}
</body>
</html>
"""


def markdown_report(interview: Interview, cards: Mapping[str, Card], *, zone: str = "UTC") -> str:
    """Return the report as Markdown; `zone` is the time zone of its date.

    Reference answers and sources come from `cards`; a card that is gone has none.
    """
    results = card_results(interview)
    parts = [*_head(interview, zone), *_by_topic(interview), *_weakest(interview)]
    for result in results:
        parts += _card(interview, result, cards.get(result.card_id))
    return "\n\n".join(parts) + "\n"


def html_report(interview: Interview, cards: Mapping[str, Card], *, zone: str = "UTC") -> str:
    """Return the report as one HTML file."""
    body = _renderer().render(markdown_report(interview, cards, zone=zone))
    title = html.escape(f"Mock interview, {_date(interview.started, zone)}")
    return _PAGE.format(title=title, style=_STYLE, body=body)


def _head(interview: Interview, zone: str) -> list[str]:
    setup, found = interview.setup, summary(interview)
    topics = ", ".join(TOPICS[topic].lower() for topic in setup.topics)
    over = f", {clocked(found.overtime)} of them overtime" if found.overtime >= 1 else ""
    mistakes = "1 mistake" if found.mistakes == 1 else f"{found.mistakes} mistakes"
    return [
        f"# Mock interview, {_date(interview.started, zone)}",
        f"{setup.minutes} minutes, {LEVELS[setup.level].lower()} level, on {topics}.",
        f"**{found.share:.0%} of the key points:** {found.points:g} of {found.of}, in "
        f"{found.asked} of {found.planned} questions, with {mistakes}. It took "
        f"{clocked(found.seconds)} minutes{over}.",
        HOW_IT_IS_SCORED,
    ]


def _by_topic(interview: Interview) -> list[str]:
    table = topic_table(interview)
    if table.empty:
        return ["Nothing was answered."]
    rows = ["| Topic | Questions | Points | Share |", "|---|---|---|---|"]
    rows += [
        f"| {row.topic} | {row.questions} | {row.points:g} of {row.of} | {row.percent:.0f}% |"
        for row in table.itertuples()
    ]
    return ["## Points by topic", "\n".join(rows)]


def _weakest(interview: Interview) -> list[str]:
    found = weakest(interview)
    if not found:
        return []
    rows = [
        f"{place}. {_line(each.question.question)} ({each.points:g} of {each.of} points)"
        for place, each in enumerate(found, start=1)
    ]
    return ["## Weakest first", "\n".join(rows)]


def _card(interview: Interview, result: CardResult, card: Card | None) -> list[str]:
    topic = TOPICS.get(result.question.topic, result.question.topic)
    parts = [f"## {result.number} · {topic} · {result.points:g} of {result.of} points"]
    for asked in result.answers:
        parts += _answer(asked)
    rating = interview.ratings.get(result.card_id)
    if rating is not None:
        parts.append(f"Rated by myself: {RATINGS[rating]}.")
    if card is not None:
        parts += ["### Reference answer", card.answer.strip()]
        parts.append("Sources: " + "; ".join(card.sources))
    return parts


def _answer(asked: Asked) -> list[str]:
    told = [f"{clocked(asked.seconds)} of {clocked(asked.budget)}", _HOW.get(asked.how or "", "")]
    parts = [
        f"### {'Follow-up: ' if asked.follow_up else ''}{_line(asked.question)}",
        f"Time: {', '.join(filter(None, told))}.",
        fenced(asked.text) if asked.text.strip() else "No answer.",
    ]
    lists = {"Named": [point.says for point in asked.named]}
    if not asked.follow_up:
        lists["Missed"] = [point.says for point in asked.missed]
    lists["Mistakes"] = [f"{mistake.says} {mistake.why}" for mistake in asked.mistakes]
    for name, rows in lists.items():
        if rows:
            parts += [f"{name}:", "\n".join(f"- {_line(row)}" for row in rows)]
    return parts


def fenced(text: str) -> str:
    """Return `text` as a block of Markdown from which nothing in it can break out."""
    longest = max((len(run) for run in _RUN.findall(text)), default=0)
    fence = "`" * max(3, longest + 1)
    plain = "".join(each for each in text if each in "\n\t" or each.isprintable())
    return f"{fence}{ANSWER}\n{plain.strip(chr(10))}\n{fence}"


def _renderer() -> MarkdownIt:
    renderer = MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")
    renderer.inline.ruler.before("escape", "tex", _tex)
    renderer.add_render_rule("tex", _show_tex)
    return renderer


def _tex(state: StateInline, silent: bool) -> bool:
    """Read $...$ and $$...$$ as one token, before a backslash or an underscore in it is."""
    found = _TEX.match(state.src, state.pos) if state.src[state.pos] == "$" else None
    if found is None:
        return False
    if not silent:
        token = state.push("tex", "", 0)
        token.content = (found["wide"] or found["tex"]).strip()
        token.info = "tex wide" if found["wide"] else "tex"
    state.pos = found.end()
    return True


def _show_tex(_self: Any, tokens: Any, at: int, _options: Any, _env: Any) -> str:
    return f'<span class="{tokens[at].info}">{html.escape(tokens[at].content)}</span>'


def _date(at: datetime, zone: str) -> str:
    try:
        found = ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError):
        found = ZoneInfo("UTC")
    return f"{at.astimezone(found):%-d %B %Y, %H:%M} ({found})"


def _line(text: str) -> str:
    return " ".join(text.split())
