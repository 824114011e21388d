"""A session of study: which card is shown, and what happens when it is revealed and rated.

What is shown stands in the link (`card`, how often it was rated before as `seen`, and `shown` once
it is revealed), so that a refresh shows it again. A rating is stored in the button's callback,
before anything is drawn, and only if the card was rated `seen` times by then: a second click, a
key that repeats and another tab rate nothing.
"""

from dataclasses import dataclass
from datetime import datetime, tzinfo

import streamlit as st

from core.errors import ConfigError, PracticeError
from core.practice.card import LEVELS, TOPICS, Card
from core.practice.clock import now
from core.practice.deck import find_card
from core.practice.grading import Graded, grade
from core.practice.schedule import CardSchedule, Rating
from core.practice.store import Review
from core.practice.study_queue import NEW_A_DAY, StudyPlan, plan_study
from pages.components import state
from pages.components.cache import practice_store

ANSWER = "study_answer"
"""The key of the text area."""
MORE_NEW = 10


@dataclass(frozen=True, slots=True)
class Choice:
    """What the learner chose to study."""

    topics: tuple[str, ...]
    levels: tuple[str, ...]
    new_a_day: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """What is studied now: the plan, and the card that is shown, None at the end.

    `seen` is how often the card was rated before.
    """

    plan: StudyPlan
    card: Card | None
    seen: int
    is_revealed: bool
    schedule: CardSchedule | None
    reviews: list[Review]
    at: datetime
    zone: tzinfo

    @property
    def slot(self) -> str:
        """The name of this showing of this card."""
        return f"study:{self.card.id if self.card else ''}:{self.seen}"


def study_choice() -> Choice:
    """Ask what to study."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="study_choice"):
        with st.container(width=360):
            topics = _several("Topics", "topic", TOPICS)
        with st.container(width=240):
            levels = _several("Levels", "level", LEVELS)
        new_a_day = st.number_input(
            "New cards a day",
            0,
            100,
            NEW_A_DAY,
            step=5,
            key="new",
            bind="query-params",
            on_change=_move_on,
            width=150,
        )
    extra = int(state.setting("study_extra", 0))
    return Choice(tuple(topics), tuple(levels), int(new_a_day) + extra)


def _several(label: str, key: str, names: dict[str, str]) -> list[str]:
    return st.multiselect(
        label,
        list(names),
        format_func=names.__getitem__,
        key=key,
        bind="query-params",
        placeholder="All",
        on_change=_move_on,
    )


def more_new() -> None:
    """Let today bring more new cards; for a button's callback."""
    state.put_setting("study_extra", int(state.setting("study_extra", 0)) + MORE_NEW, over=True)


def study_session(choice: Choice) -> Session:
    """Return what to study now; the card that the link names comes first.

    Raises:
        PracticeError: the progress cannot be read.
    """
    at, zone, who = now(), state.time_zone(), state.practiser()
    schedules = practice_store().schedules(who)
    reviews = practice_store().reviews(who)
    plan = plan_study(
        schedules,
        reviews,
        at,
        zone,
        new_a_day=choice.new_a_day,
        topics=choice.topics,
        levels=choice.levels,
    )
    card = _asked(reviews) or next(iter(plan.cards), None)
    if card is None:
        _move_on()
        return Session(plan=plan, card=None, seen=0, is_revealed=False, schedule=None,
                       reviews=reviews, at=at, zone=zone)  # fmt: skip
    seen = _times(card.id, reviews)
    session = Session(
        plan=plan,
        card=card,
        seen=seen,
        is_revealed=_showing() == (card.id, str(seen)) and state.linked("shown") == "1",
        schedule=schedules.get(card.id),
        reviews=reviews,
        at=at,
        zone=zone,
    )
    _show(card.id, str(seen), revealed=session.is_revealed)
    if state.setting("study_slot", "") != session.slot:
        state.put_setting("study_slot", session.slot, over=True)
        state.put_setting("study_since", at, over=True)
        state.put_setting(ANSWER, "", over=True)
    return session


def _asked(reviews: list[Review]) -> Card | None:
    """Return the card that the link names, or that was shown when the page was left."""
    if state.linked("card") is None:
        card_id, seen, revealed = state.setting("study_showing", ("", "", False))
        if card_id:
            _show(card_id, seen, revealed=revealed)
    card_id, seen = _showing()
    if not card_id:
        return None
    try:
        card = find_card(card_id)
    except ConfigError as error:
        st.warning(str(error), icon=":material/link_off:")
        _move_on()
        return None
    if seen and seen != str(_times(card_id, reviews)):
        _move_on()  # it was rated meanwhile: here before a refresh, or in another tab
        return None
    return card


def _times(card_id: str, reviews: list[Review]) -> int:
    return sum(review.card_id == card_id for review in reviews)


def _showing() -> tuple[str, str]:
    return state.linked("card") or "", state.linked("seen") or ""


def _show(card_id: str, seen: str, *, revealed: bool) -> None:
    state.put_setting("study_showing", (card_id, seen, revealed), over=True)
    state.put_in_link(card=card_id, seen=seen, shown="1" if revealed else None)


def _move_on() -> None:
    """Show whichever card comes next."""
    state.put_setting("study_showing", ("", "", False), over=True)
    state.put_in_link(card=None, seen=None, shown=None)


def reveal(card_id: str, seen: int) -> None:
    """Show the answer of the card; for a button's callback."""
    _show(card_id, str(seen), revealed=True)


def graded_answer(card: Card) -> tuple[str, Graded]:
    """Return what was typed, and what it says of the card."""
    answer = str(state.setting(ANSWER, "") or "")
    return answer, grade(card, answer)


def rate(card_id: str, seen: int, rating: Rating) -> None:
    """Store how well the card was known and move on; for a button's callback."""
    store, who, at = practice_store(), state.practiser(), now()
    card = find_card(card_id)
    answer, graded = graded_answer(card)
    has_answer = bool(answer.strip())
    since = state.setting("study_since", None)
    try:
        if _times(card_id, store.reviews(who)) == seen:
            store.rate(
                who,
                card_id,
                rating,
                at=at,
                seconds=(at - since).total_seconds() if since else None,
                named=len(graded.named) if has_answer else None,
                of=len(card.points) if has_answer else None,
            )
    except PracticeError as error:
        st.toast(f"The rating was not stored: {error}", icon=":material/error:", duration="long")
        return
    if state.linked("card") == card_id:
        _move_on()
