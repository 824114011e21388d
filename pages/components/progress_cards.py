"""What practice has come to, as figures and charts."""

from collections.abc import Collection, Mapping
from datetime import datetime, tzinfo

import pandas as pd
import streamlit as st

from core.practice import progress
from core.practice.deck import deck
from core.practice.schedule import CardSchedule
from core.practice.store import Review
from pages.components.figure_card import figure_card
from pages.components.figures import progress as figures

PROGRESS = "core.practice.progress"
CHART_HEIGHT = 260


def today_figures(found: progress.Today) -> None:
    """Show where one stands today, in four figures."""
    days = "day" if found.streak == 1 else "days"
    with st.container(horizontal=True, key="today"):
        st.metric("Due today", found.due, border=True)
        st.metric("Rated today", found.rated, border=True)
        st.metric(
            "Streak",
            f"{found.streak} {days}",
            border=True,
            help="Days in a row with at least one rating; today may still come.",
        )
        st.metric("Cards seen", f"{found.seen} of {found.cards}", border=True)
    if found.streak and not found.is_kept:
        st.caption("Rate one card today and the streak goes on.")


def progress_cards(
    schedules: Mapping[str, CardSchedule],
    reviews: Collection[Review],
    at: datetime,
    zone: tzinfo,
) -> None:
    """Show mastery by topic, the forecast, what falls due and what was rated."""
    cards = deck()
    wide, narrow = st.columns([3, 2])
    with wide:
        mastery = progress.mastery_by_topic(cards.values(), schedules, at)
        figure_card(
            "What you would recall now, by topic",
            figures.mastery_figure(mastery),
            pd.DataFrame(mastery),
            key="mastery",
            computed_by=f"{PROGRESS}:mastery_by_topic",
            caption="Blue: cards you would recall now, by the memory model of FSRS. Pale blue: "
            "seen. Grey: all. A card never seen counts as nothing.",
            height=figures.mastery_height(),
        )
    forecast = progress.retention_forecast(cards, schedules, at, zone)
    with narrow:
        figure_card(
            "If you stopped today",
            figures.forecast_figure(forecast) if forecast["day"] else None,
            pd.DataFrame(forecast),
            key="forecast",
            computed_by=f"{PROGRESS}:retention_forecast",
            caption="How many of the cards seen so far you would still recall, if none is rated "
            "any more.",
            height=figures.mastery_height(),
            message="Nothing yet: rate a card in Study.",
        )
    left, right = st.columns(2)
    with left:
        figure_card(
            "What falls due",
            figures.due_figure(forecast) if forecast["day"] else None,
            pd.DataFrame(forecast),
            key="due",
            computed_by=f"{PROGRESS}:retention_forecast",
            caption="Cards by the day they come back. Day 0 has those that are late, too.",
            height=CHART_HEIGHT,
            message="Nothing yet: rate a card in Study.",
        )
    with right:
        rated = progress.activity(reviews, at, zone)
        figure_card(
            "What you rated",
            figures.activity_figure(rated) if reviews else None,
            pd.DataFrame(rated),
            key="activity",
            computed_by=f"{PROGRESS}:activity",
            caption="Ratings of the last four weeks, in Study and in interviews.",
            height=CHART_HEIGHT,
            message="Nothing yet: rate a card in Study.",
        )
