"""Interviews as they are kept for whoever practises: opened, kept at each step, listed."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st

from core.errors import PracticeError
from core.practice.interview import Interview
from core.practice.interview_json import interview_from_json, interview_to_json
from pages.components import state
from pages.components.cache import practice_store


@dataclass(frozen=True, slots=True)
class Shelf:
    """What is kept: interviews, newest first, and how many could not be read."""

    interviews: list[Interview]
    unreadable: int


def open_interview(interview_id: str) -> Interview:
    """Return one of the visitor's interviews.

    Raises:
        PracticeError: they have none of this id, or it cannot be read.
    """
    data = practice_store().interview(state.practiser(), interview_id)
    if data is None:
        raise PracticeError(
            "You have no interview of this id: it was another visitor's, or it was deleted with "
            "your progress."
        )
    return interview_from_json(data)


def keep_interview(interview: Interview) -> None:
    """Keep the interview as it is now.

    Raises:
        PracticeError: the store cannot be written.
    """
    practice_store().save_interview(state.practiser(), interview.id, interview_to_json(interview))


def shelf() -> Shelf:
    """Return all interviews of the visitor.

    Raises:
        PracticeError: the store cannot be read.
    """
    found, unreadable = [], 0
    for _, data in practice_store().interviews(state.practiser()):
        try:
            found.append(interview_from_json(data))
        except PracticeError:
            unreadable += 1
    return Shelf(sorted(found, key=lambda each: each.started, reverse=True), unreadable)


def told_time(at: datetime) -> str:
    """Return a time as the visitor's own clock shows it."""
    return f"{_local(at):%-d %B %Y, %H:%M}"


def zone_name() -> str:
    """Return the visitor's time zone, UTC where the browser does not say it."""
    return str(_zone())


def _local(at: datetime) -> datetime:
    return at.astimezone(_zone())


def _zone() -> ZoneInfo:
    try:
        return ZoneInfo(st.context.timezone or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")
