"""A session of study: which card is shown, and what happens when it is revealed and rated.

What is shown stands in the link (`card`, and in `seen` how often it was rated before, with an "r"
behind it once it is revealed), so that a refresh shows it again. A rating is stored in the
button's callback, before anything is drawn, and only if the card was rated `seen` times by then:
a second click, a key that repeats and another tab rate nothing. Who goes back to a link of before a
rating sees the card that was shown last, and the link stays as it is: the browser's Back goes on.
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

MORE_NEW = 10
SHOWING = "study_showing"
REVEALED = "r"
NOTHING = ("", "")


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

    @property
    def field(self) -> str:
        """The key of the text area: another one for each showing.

        A second key press may bring the text of the card before after the next one was drawn.
        """
        return _field(self.card.id if self.card else "", self.seen)


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
    chosen = st.multiselect(
        label,
        list(names.values()),
        key=key,
        bind="query-params",
        placeholder="All",
        on_change=_move_on,
    )
    return [name for name, shown in names.items() if shown in chosen]


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
    asked = _asked(reviews)
    card = _card(asked, reviews) or next(iter(plan.cards), None)
    if card is None:
        if asked == state.setting(SHOWING, NOTHING):
            _move_on()
        return Session(plan=plan, card=None, seen=0, is_revealed=False, schedule=None,
                       reviews=reviews, at=at, zone=zone)  # fmt: skip
    seen = _times(card.id, reviews)
    session = Session(
        plan=plan,
        card=card,
        seen=seen,
        is_revealed=asked == (card.id, f"{seen}{REVEALED}"),
        schedule=schedules.get(card.id),
        reviews=reviews,
        at=at,
        zone=zone,
    )
    if asked == _linked():
        _show(card.id, seen, revealed=session.is_revealed)
    if state.setting("study_slot", "") != session.slot:
        state.put_setting("study_slot", session.slot, over=True)
        state.put_setting("study_since", at, over=True)
    return session


def _asked(reviews: list[Review]) -> tuple[str, str]:
    """Return what the link names, or what was shown when the page, or a rated card, was left."""
    linked = _linked()
    shown: tuple[str, str] = state.setting(SHOWING, NOTHING)
    if not linked[0]:
        state.put_in_link(card=shown[0] or None, seen=shown[1] or None)
        return shown
    went_back = linked != shown and _is_over(linked, reviews)
    return shown if went_back and shown[0] and not _is_over(shown, reviews) else linked


def _card(asked: tuple[str, str], reviews: list[Review]) -> Card | None:
    if not asked[0]:
        return None
    try:
        card = find_card(asked[0])
    except ConfigError as error:
        st.warning(str(error), icon=":material/link_off:")
        return None
    return None if _is_over(asked, reviews) else card


def _is_over(showing: tuple[str, str], reviews: list[Review]) -> bool:
    """Return whether the card was rated meanwhile: here, before a refresh, or in another tab."""
    card_id, seen = showing
    return bool(seen) and seen.removesuffix(REVEALED) != str(_times(card_id, reviews))


def _times(card_id: str, reviews: list[Review]) -> int:
    return sum(review.card_id == card_id for review in reviews)


def _linked() -> tuple[str, str]:
    return state.linked("card") or "", state.linked("seen") or ""


def _show(card_id: str, seen: int, *, revealed: bool) -> None:
    showing = card_id, f"{seen}{REVEALED if revealed else ''}"
    state.put_setting(SHOWING, showing, over=True)
    state.put_in_link(card=showing[0], seen=showing[1])


def _move_on() -> None:
    """Show whichever card comes next."""
    state.put_setting(SHOWING, NOTHING, over=True)
    state.put_in_link(card=None, seen=None)


def reveal(card_id: str, seen: int) -> None:
    """Show the answer of the card; for a button's callback."""
    _show(card_id, seen, revealed=True)


def _field(card_id: str, seen: int) -> str:
    return f"study_answer_{card_id.replace('-', '_')}_{seen}"


def graded_answer(card: Card, seen: int) -> tuple[str, Graded]:
    """Return what was typed, and what it says of the card."""
    answer = str(state.setting(_field(card.id, seen), "") or "")
    return answer, grade(card, answer)


def rate(card_id: str, seen: int, rating: Rating) -> None:
    """Store how well the card was known; for a button's callback.

    The next card is shown because this one has then been rated more often than the link says.
    """
    store, who, at = practice_store(), state.practiser(), now()
    card = find_card(card_id)
    answer, graded = graded_answer(card, seen)
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
