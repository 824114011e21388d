"""The three ways of use and the labs, as cards of links."""

from dataclasses import dataclass

import streamlit as st

CARDS_ACROSS = 3


@dataclass(frozen=True, slots=True)
class Link:
    """A page, how it is called here, and what it is good for."""

    page: str
    label: str
    icon: str
    about: str = ""


@dataclass(frozen=True, slots=True)
class Way:
    """One way of use: for whom, and where it begins."""

    title: str
    about: str
    links: tuple[Link, ...]


LABS = (
    Link(
        "pages/labs/gradient_flow.py",
        "Gradient flow",
        ":material/waves:",
        "Why do LSTMs keep a gradient that RNNs lose? Forget gates against the exact Jacobian.",
    ),
    Link(
        "pages/labs/clipping.py",
        "Clipping",
        ":material/content_cut:",
        "When does clipping save a run? Drag the threshold while twins train.",
    ),
    Link(
        "pages/labs/translation.py",
        "Translation",
        ":material/translate:",
        "Why does BLEU fall with length, and what repairs it? Watch one curve fall and one hold.",
    ),
    Link(
        "pages/labs/sentiment.py",
        "Sentiment",
        ":material/thumbs_up_down:",
        "Which architecture would you ship on this text? Accuracy, latency and size, measured.",
    ),
    Link(
        "pages/labs/length.py",
        "Length",
        ":material/straighten:",
        "Why does it fail on longer sequences, and what helps? Every remedy, beside its control.",
    ),
    Link(
        "pages/labs/serving.py",
        "Serving",
        ":material/speed:",
        "What does a request cost? A queue on this machine's numbers, and what makes it cheaper.",
    ),
)
WAYS = (
    Way(
        "Explore",
        "Six labs. Press Train, drag a setting while it trains, and read what is seen in words.",
        (
            Link("pages/labs/gradient_flow.py", "Begin with gradient flow", ":material/waves:"),
            Link("pages/practice/guided_demos.py", "Be shown around", ":material/slideshow:"),
            Link("pages/runs/all_runs.py", "What I ran", ":material/history:"),
        ),
    ),
    Way(
        "Bring your own text",
        "Paste or upload a text, labelled texts or sentence pairs: the labs train on them.",
        (
            Link("pages/text/your_text.py", "Your text", ":material/description:"),
            Link("pages/labs/sentiment.py", "Labelled texts", ":material/thumbs_up_down:"),
            Link("pages/labs/translation.py", "Sentence pairs", ":material/translate:"),
        ),
    ),
    Way(
        "Practise for the interview",
        "Answer, see what you missed, prove it by an experiment, and be asked again in time.",
        (
            Link("pages/practice/study.py", "Study", ":material/school:"),
            Link(
                "pages/practice/mock_interview.py", "Mock interview", ":material/record_voice_over:"
            ),
            Link("pages/practice/trap_round.py", "True or trap?", ":material/help:"),
            Link("pages/practice/claim_checker.py", "All 41 claims", ":material/fact_check:"),
        ),
    ),
)


def ways() -> None:
    """Show the three ways of use, each with where it begins."""
    for column, way in zip(st.columns(len(WAYS)), WAYS, strict=True):
        with column, st.container(border=True, height="stretch", gap="xsmall"):
            st.markdown(f"**{way.title}**")
            st.caption(way.about)
            for link in way.links:
                st.page_link(link.page, label=link.label, icon=link.icon)


def lab_links() -> None:
    """Show the labs, each with its question."""
    for start in range(0, len(LABS), CARDS_ACROSS):
        some = LABS[start : start + CARDS_ACROSS]
        for column, link in zip(st.columns(CARDS_ACROSS), some, strict=False):
            with column, st.container(border=True, height="stretch"):
                st.page_link(link.page, label=f"**{link.label}**", icon=link.icon)
                st.caption(link.about)
