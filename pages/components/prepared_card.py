"""A lab page that a card sent for: its experiment is set up, and what to look at is said."""

import streamlit as st

from core.claims.catalogue import find_claim
from core.errors import ConfigError, RunError
from core.labs.config_json import config_to_json
from core.practice.card import Card, Experiment
from core.practice.deck import find_card
from pages.components import state
from pages.components.card_links import card_link, lab_link, study_link, tags
from pages.components.card_view import practice_styles
from pages.components.claims_view import claim_cards
from pages.components.config_form import is_set, start_afresh
from pages.components.run_view import open_view
from pages.components.study_keys import study_keys


def prepared_card(lab: str) -> None:
    """Set up the experiment of the card that the link names, and show the card above its form.

    To be called before the page asks which run it shows. The card stays until it is closed.
    """
    linked = state.linked("card")
    card_id = linked or _prepared(lab)
    if card_id is None:
        return
    try:
        card = find_card(card_id)
    except ConfigError as error:
        st.warning(str(error), icon=":material/link_off:")
        _prepare(lab, None)
        return
    if card.experiment is None or card.experiment.lab != lab:
        _elsewhere(lab, card)
        return
    if linked and _is_arrival(lab, card, card.experiment):
        _set_up(lab, card.experiment)
    _prepare(lab, card.id)
    _banner(lab, card, card.experiment)
    study_keys(f"prepared:{card.id}", focus="prepared_card", revealed=False)


def _prepared(lab: str) -> str | None:
    """Return the card for which the lab was set up last in this session."""
    found: str | None = state.setting(f"card:{lab}", None)
    return found


def _prepare(lab: str, card_id: str | None) -> None:
    state.put_setting(f"card:{lab}", card_id, over=True)
    state.put_in_link(card=card_id)


def _elsewhere(lab: str, card: Card) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        if card.experiment is None:
            st.info(f"This card has no experiment. {card.no_experiment}")
        else:
            st.info("Another lab proves this card.")
            lab_link(card)
    _prepare(lab, None)


def _is_arrival(lab: str, card: Card, experiment: Experiment) -> bool:
    """Return whether the visitor has just come here for the card, and the lab shows another thing.

    Who came before, trained something else and follows the card's link again is one who does;
    a run that is what the card wants is not trained again.
    """
    if state.linked(state.RUN_PARAMETER):
        return False
    followed = state.last_run(lab)
    if followed is None:
        return _prepared(lab) != card.id
    try:
        return open_view(followed).config != experiment.config
    except RunError:
        return True


def _set_up(lab: str, experiment: Experiment) -> None:
    """Set the form; an experiment that is a claim alone has its own settings and needs none."""
    if experiment.settings or not experiment.claims:
        start_afresh(lab, config_to_json(experiment.config))


def _banner(lab: str, card: Card, experiment: Experiment) -> None:
    practice_styles()
    has_settings = bool(experiment.settings) or not experiment.claims
    with st.container(border=True, key="prepared_card", gap="small"):
        with st.container(horizontal=True, vertical_alignment="center", key="prepared_head"):
            st.caption(f"The experiment of a card {tags(card)}")
            st.button(
                "",
                icon=":material/close:",
                type="tertiary",
                key="prepared_close",
                help="Show the lab without this card",
                on_click=_prepare,
                args=(lab, None),
            )
        if card.kind == "question":  # a trap's is on the card of its claim
            st.markdown(f"**{card.label}**")
        st.markdown(experiment.look)
        if experiment.claims:
            claims = [find_claim(number) for number in experiment.claims]
            claim_cards(lab, claims, key="prepared")
        with st.container(horizontal=True, vertical_alignment="center", key="prepared_links"):
            if has_settings and is_set(lab, config_to_json(experiment.config)):
                st.caption("The settings below are those of the card: train with them.")
            elif has_settings:
                st.button(
                    "Set up again",
                    icon=":material/tune:",
                    key="prepared_again",
                    help="The settings below are not, or no longer, those of the card",
                    on_click=_set_up,
                    args=(lab, experiment),
                )
            card_link(card, "Back to the card")
            study_link(card)
