"""The cards as a package for Anki (https://apps.ankiweb.net), by `genanki`."""

import hashlib
import html
import io
import itertools
import re
import sqlite3
import tempfile
import time
import zipfile
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import genanki
from markdown_it import MarkdownIt

from core.labs.config import find_lab
from core.practice.card import TOPICS, Card

_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table")
_MATH = re.compile(r"\$\$(?P<block>.+?)\$\$|\$(?P<inline>[^$\n]+?)\$", re.DOTALL)
_CODE = re.compile(r"(```.*?```|`[^`\n]*`)", re.DOTALL)
_STYLE = """
.card { font: 17px/1.5 system-ui, sans-serif; max-width: 44em; margin: auto; text-align: left; }
code, pre { font-size: 0.85em; }
.sources, .topic { opacity: 0.7; font-size: 0.85em; }
"""


def anki_package(cards: Sequence[Card]) -> bytes:
    """Return an .apkg with a deck a topic; importing it again updates the notes of before."""
    model = genanki.Model(
        _number("model"),
        "SeqScope",
        fields=[{"name": "Id"}, {"name": "Question"}, {"name": "Answer"}, {"name": "Topic"}],
        templates=[
            {
                "name": "Card",
                "qfmt": '<div class="topic">{{Topic}}</div>{{Question}}',
                "afmt": "{{FrontSide}}<hr id=answer>{{Answer}}",
            }
        ],
        css=_STYLE,
    )
    decks = {
        topic: genanki.Deck(_number(f"deck {topic}"), f"SeqScope::{label}")
        for topic, label in TOPICS.items()
    }
    for card in cards:
        decks[card.topic].add_note(_note(model, card))
    return _packed(genanki.Package([deck for deck in decks.values() if deck.notes]))


def _packed(package: genanki.Package) -> bytes:
    """Return the file of a package; genanki's own way leaves a copy in the temporary folder."""
    at = time.time()
    packed = io.BytesIO()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "collection.anki2"
        with closing(sqlite3.connect(path)) as connection:
            package.write_to_db(connection.cursor(), at, itertools.count(int(at * 1000)))
            connection.commit()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.write(path, path.name)
            archive.writestr("media", "{}")
    return packed.getvalue()


def _note(model: genanki.Model, card: Card) -> genanki.Note:
    return genanki.Note(
        model=model,
        fields=[card.id, _html(_question(card)), _back(card), TOPICS[card.topic]],
        guid=genanki.guid_for("seqscope", card.id),
        tags=[f"topic::{card.topic}", f"level::{card.level}", f"kind::{card.kind}"],
    )


def _question(card: Card) -> str:
    return f"True, or a trap?\n\n{card.question}" if card.kind == "trap" else card.question


def _back(card: Card) -> str:
    parts = [
        *([f"<p><b>The contrary:</b></p>{_html(card.counter)}"] * bool(card.counter)),
        _html(card.answer),
        "<h4>A good answer names</h4>",
        _list([point.says for point in card.points]),
        "<h4>Often said, and wrong</h4>",
        _list([f"{mistake.says} {mistake.why}" for mistake in card.mistakes]),
    ]
    if card.follow_ups:
        asked = [f"**{follow_up.question}** {follow_up.answer}" for follow_up in card.follow_ups]
        parts += ["<h4>Then asked</h4>", _list(asked)]
    if card.experiment:
        lab = find_lab(card.experiment.lab).title
        parts += [f"<h4>Proof in SeqScope, {lab}</h4>", _html(card.experiment.look)]
    sources = "; ".join(html.escape(source) for source in card.sources)
    return "\n".join([*parts, f'<p class="sources">{sources}</p>'])


def _list(items: Sequence[str]) -> str:
    return f"<ul>{''.join(f'<li>{_html(item)}</li>' for item in items)}</ul>"


def _html(markdown: str) -> str:
    """Return Markdown as HTML; formulas as Anki's MathJax wants them, code left alone."""
    formulas: list[str] = []

    def kept(match: re.Match[str]) -> str:
        inline = match["inline"]
        formula = rf"\({inline}\)" if inline else rf"\[{match['block']}\]"
        formulas.append(html.escape(formula, quote=False))
        return f"\ue000{len(formulas) - 1}\ue001"

    parts = _CODE.split(markdown)
    parts[::2] = [_MATH.sub(kept, part) for part in parts[::2]]
    made = str(_MARKDOWN.render("".join(parts)))
    return re.sub("\ue000(\\d+)\ue001", lambda match: formulas[int(match[1])], made)


def _number(name: str) -> int:
    """Return an id that Anki takes and that is always the same for `name`."""
    digest = hashlib.sha256(f"seqscope {name}".encode()).digest()
    return 2**30 + int.from_bytes(digest[:4], "big") % 2**30
