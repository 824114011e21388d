"""All cards, read from `cards/*.toml`, one file a topic, and checked while they are read."""

import tomllib
from collections.abc import Collection, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from core.errors import ConfigError
from core.practice.card import TOPICS, Card, Experiment, FollowUp, Mistake, Point

FOLDER = Path(__file__).parent / "cards"


@lru_cache(maxsize=1)
def deck() -> Mapping[str, Card]:
    """Return all cards by id, in the order of the topics and of their files.

    Raises:
        ConfigError: a file is not as it must be; the message names file, card and fault.
    """
    cards: dict[str, Card] = {}
    for topic in TOPICS:
        for card in read_topic(FOLDER / f"{topic.replace('-', '_')}.toml", topic):
            if card.id in cards:
                raise ConfigError(f"Two cards have the id '{card.id}'.")
            cards[card.id] = card
    return cards


def read_topic(path: Path, topic: str) -> list[Card]:
    """Return the cards of one file.

    Raises:
        ConfigError: it is no TOML, or a card in it is not as it must be.
    """
    try:
        stored = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path.name} is no TOML: {error}.") from error
    found = []
    for place, values in enumerate(stored.get("cards", []), start=1):
        try:
            found.append(_card(topic, values))
        except (ConfigError, TypeError) as error:
            named = values.get("id", f"number {place}")
            raise ConfigError(f"{path.name}, card {named}: {error}") from error
    return found


def _card(topic: str, values: Mapping[str, Any]) -> Card:
    given = dict(values)
    experiment = given.pop("experiment", None)
    return Card(
        topic=topic,  # type: ignore[arg-type]
        points=tuple(Point(**_tupled(each)) for each in given.pop("points", ())),
        mistakes=tuple(Mistake(**_tupled(each)) for each in given.pop("mistakes", ())),
        follow_ups=tuple(FollowUp(**each) for each in given.pop("follow_ups", ())),
        sources=tuple(given.pop("sources", ())),
        experiment=None if experiment is None else _experiment(experiment),
        **given,
    )


def _tupled(values: Mapping[str, Any]) -> dict[str, Any]:
    return {**values, "phrases": tuple(values.get("phrases", ()))}


def _experiment(values: Mapping[str, Any]) -> Experiment:
    given = dict(values)
    settings = given.pop("settings", {})
    frozen = {name: tuple(v) if isinstance(v, list) else v for name, v in settings.items()}
    claims = tuple(given.pop("claims", ()))
    return Experiment(settings=tuple(frozen.items()), claims=claims, **given)


def find_card(card_id: str) -> Card:
    """Return the card `card_id`.

    Raises:
        ConfigError: there is no such card.
    """
    if card_id not in deck():
        raise ConfigError(f"There is no card '{card_id}' (any more); the page Cards has them all.")
    return deck()[card_id]


def cards_of_lab(lab: str) -> list[Card]:
    """Return the cards that `lab` can prove."""
    return [card for card in deck().values() if card.experiment and card.experiment.lab == lab]


def trap_of_claim(number: int) -> Card | None:
    """Return the card that puts claim `number` to the test."""
    return next((card for card in deck().values() if card.claim == number), None)


def search_cards(
    words: str = "", topics: Collection[str] = (), levels: Collection[str] = ()
) -> list[Card]:
    """Return the cards of the topics and levels (none: all) that have every one of the words.

    Words are looked for in question, answer, points and sources, whatever their case.
    """
    wanted = words.casefold().split()
    return [
        card
        for card in deck().values()
        if (not topics or card.topic in topics)
        and (not levels or card.level in levels)
        and all(word in _searched(card) for word in wanted)
    ]


@lru_cache(maxsize=512)
def _searched(card: Card) -> str:
    says = [point.says for point in card.points]
    return " ".join([card.id, card.question, card.answer, *says, *card.sources]).casefold()
