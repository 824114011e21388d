"""The one module that touches the session: which run is shown, whose visit it is, their text."""

from datetime import UTC, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

import streamlit as st

from core.labs.config import Config
from core.labs.length_config import LengthConfig
from core.labs.serving_config import ServingConfig
from core.labs.sources import reads_text
from core.practice.visitor_key import new_key
from core.text.labelled import LabelledText
from core.text.labelled_table import LabelledTable
from core.text.parallel import ParallelText
from core.text.uploads import UploadedText

RUN_PARAMETER = "run"
INTERVIEW_PARAMETER = "interview"


def followed_run(lab: str) -> str | None:
    """Return the run that this session follows in `lab`: the link's, else the last one here.

    A page switch drops the link's parameters: the run's id is put back.
    """
    linked = st.query_params.get(RUN_PARAMETER)
    if linked:
        st.session_state[f"run:{lab}"] = linked
        return str(linked)
    remembered = st.session_state.get(f"run:{lab}")
    if remembered:
        st.query_params[RUN_PARAMETER] = remembered
    return remembered


def follow_run(lab: str, run_id: str) -> None:
    """Show `run_id` in `lab` from now on, and name it in the link."""
    st.session_state[f"run:{lab}"] = run_id
    st.query_params[RUN_PARAMETER] = run_id


def forget_run(lab: str) -> None:
    """Show the lab's example again."""
    st.session_state.pop(f"run:{lab}", None)
    st.query_params.pop(RUN_PARAMETER, None)


def last_run(lab: str) -> str | None:
    """Return the run that this session followed last in `lab`, whatever the link says."""
    return st.session_state.get(f"run:{lab}")


def linked(name: str) -> str | None:
    """Return what the link says of `name`."""
    return st.query_params.get(name)


def put_in_link(**values: str | None) -> None:
    """Have the link say so from now on; None takes a name out of it.

    The browser is told also what the link says by now: a link from a page to itself runs the page
    with what it says and leaves the browser's address as it was.
    """
    for name in [name for name, value in values.items() if value is None]:
        st.query_params.pop(name, None)
    told = {name: value for name, value in values.items() if value is not None}
    if told:
        st.query_params.update(told)  # in one message: each is a step of the browser's history


def time_zone() -> tzinfo:
    """Return the time zone of the visitor's browser, UTC where it does not say."""
    try:
        return ZoneInfo(st.context.timezone or "UTC")
    except (ValueError, OSError):  # a name that this system's table lacks
        return UTC


def start_page_run() -> str | None:
    """Return the run that this session's start page shows, None before its first visit."""
    return st.session_state.get("start_page_run")


def show_on_start_page(run_id: str) -> None:
    """Show `run_id` on the start page from now on."""
    st.session_state["start_page_run"] = run_id


def claim_runs() -> dict[int, str]:
    """Return, by claim, the newest run of this session that checks it."""
    return dict(st.session_state.get("claim_runs", {}))


def follow_claims(numbers: tuple[int, ...], run_id: str) -> None:
    """Take the verdicts on the claims `numbers` from `run_id` from now on."""
    st.session_state["claim_runs"] = claim_runs() | dict.fromkeys(numbers, run_id)


def is_known() -> bool:
    """Return whether this session has a visitor's key already."""
    return "visitor" in st.session_state


def visitor() -> str:
    """Return the anonymous key of this visitor: what tells their runs from those of others."""
    if not is_known():
        set_visitor(new_key())
    return str(st.session_state["visitor"])


def set_visitor(key: str, *, chosen: bool = False) -> None:
    """Go on as the visitor `key`; `chosen` by hand, it replaces what the browser remembers."""
    st.session_state["visitor"] = key
    st.session_state["visitor_chosen"] = chosen


def visitor_was_chosen() -> bool:
    """Return whether the visitor chose this key by hand, from a link that they kept."""
    return bool(st.session_state.get("visitor_chosen"))


def refuse_token(token: str) -> None:
    """Take note of a token that this server did not sign: the browser may replace it."""
    st.session_state["refused_token"] = token


def refused_token() -> str:
    """Return the token that was refused last, empty where none was."""
    return str(st.session_state.get("refused_token", ""))


def practiser() -> str:
    """Return whose practice this is: the address that is signed in, else the anonymous key."""
    address = signed_in_address()
    return f"mail:{address}" if address else f"key:{visitor()}"


def signed_in_address() -> str | None:
    """Return the e-mail address of who is signed in, None where nobody is.

    An address that its provider says is not verified counts as none.
    """
    user = st.user.to_dict()
    if not user.get("is_logged_in") or user.get("email_verified") is False:
        return None
    address = user.get("email")
    return str(address).strip().casefold() if address else None


def can_sign_in() -> bool:
    """Return whether this server has sign-in configured (`[auth]` in secrets.toml)."""
    return "is_logged_in" in st.user.to_dict()


def followed_interview() -> str | None:
    """Return the interview that this session is in: the link's, else the one under way here.

    A page switch drops the link's parameters: the interview's id is put back.
    """
    linked = st.query_params.get(INTERVIEW_PARAMETER) or st.session_state.get("interview")
    if linked:
        st.query_params[INTERVIEW_PARAMETER] = str(linked)
    return str(linked) if linked else None


def follow_interview(interview_id: str) -> None:
    """Be in this interview from now on, and name it in the link."""
    st.session_state["interview"] = interview_id
    st.query_params[INTERVIEW_PARAMETER] = interview_id


def leave_interview(*, keep_link: bool = False) -> None:
    """Be in no interview any more; the link may go on naming it while its review is read."""
    st.session_state.pop("interview", None)
    if not keep_link:
        st.query_params.pop(INTERVIEW_PARAMETER, None)


def own_text() -> UploadedText | None:
    """Return the text that this visitor gave in this session, None before there is one."""
    return st.session_state.get("own_text")


def keep_own_text(text: UploadedText | None) -> None:
    """Keep the visitor's text for this session, for no other."""
    st.session_state["own_text"] = text


def own_pairs() -> ParallelText | None:
    """Return the parallel text that this visitor gave in this session, None before there is one."""
    return st.session_state.get("own_pairs")


def keep_own_pairs(pairs: ParallelText | None) -> None:
    """Keep the visitor's parallel text for this session, for no other."""
    st.session_state["own_pairs"] = pairs


def own_table() -> LabelledTable | None:
    """Return the table that this visitor gave in this session, whose columns can be chosen."""
    return st.session_state.get("own_table")


def keep_own_table(table: LabelledTable | None) -> None:
    """Keep the visitor's table for this session, for no other."""
    st.session_state["own_table"] = table


def own_labelled() -> LabelledText | None:
    """Return the labelled texts that this visitor gave in this session, None before there are."""
    return st.session_state.get("own_labelled")


def keep_own_labelled(labelled: LabelledText | None) -> None:
    """Keep the visitor's labelled texts for this session, for no other."""
    st.session_state["own_labelled"] = labelled


def served(which: tuple[str, str, str]) -> str | None:
    """Return the model that is kept as `which`: source, run and model; None where there is none."""
    found: dict[tuple[str, str, str], str | None] = st.session_state.get("served", {})
    return found.get(which)


def keep_served(which: tuple[str, str, str], text: str | None) -> None:
    """Keep, for this session, what a serving run is given of the model `which`; None forgets it.

    One model a source is kept.
    """
    found = st.session_state.get("served", {})
    others = {known: given for known, given in found.items() if known[0] != which[0]}
    st.session_state["served"] = others | {which: text}


def brought_for(config: Config) -> UploadedText | ParallelText | LabelledText | str | None:
    """Return what this visitor gave for a run of `config` to read; None where it is not there."""
    if isinstance(config, ServingConfig):
        is_run = config.source == "run"
        return served((config.source, config.run if is_run else "", config.model if is_run else ""))
    if reads_labelled(config):
        return own_labelled()
    if not (reads_text(config) and config.corpus == "own"):
        return None
    return own_pairs() if reads_pairs(config) else own_text()


def brought_text(config: Config) -> str | None:
    """Return that as the text which a run stores."""
    given = brought_for(config)
    if given is None or isinstance(given, str):
        return given
    if isinstance(given, LabelledText):
        is_trained_on = isinstance(config, LengthConfig) or getattr(config, "source", "") == "own"
        return (given if is_trained_on else given.as_test()).packed()
    return given.packed() if isinstance(given, ParallelText) else given.text


def reads_labelled(config: Config) -> bool:
    """Return whether a run of `config` trains or tests on labelled texts of the visitor's own."""
    if isinstance(config, LengthConfig):
        return config.task == "sentiment" and config.corpus == "own"
    return "own" in (getattr(config, "source", ""), getattr(config, "test_source", ""))


def reads_pairs(config: Config) -> bool:
    """Return whether a run of `config` reads a parallel text rather than a plain one."""
    return getattr(config, "task", "") == "own"


def form_follows(lab: str, run_id: str) -> bool:
    """Take note that the form of `lab` stands for `run_id`; return whether it stood for another."""
    before = st.session_state.get(f"form:{lab}")
    st.session_state[f"form:{lab}"] = run_id
    return before not in (None, run_id)


def free_form(lab: str) -> None:
    """Let the form of `lab` keep what it says, whichever run is shown next."""
    st.session_state.pop(f"form:{lab}", None)


def forget_own_text() -> None:
    """Forget the visitor's text, also where it was pasted."""
    keep_own_text(None)
    _empty(":pasted")


def forget_own_pairs() -> None:
    """Forget the visitor's parallel text, also where it was pasted."""
    keep_own_pairs(None)
    _empty(":pasted_pairs")


def forget_own_labelled() -> None:
    """Forget the visitor's labelled texts and their table, also where it was pasted."""
    keep_own_labelled(None)
    keep_own_table(None)
    _empty(":pasted_rows")


def _empty(ending: str) -> None:
    for key in [key for key in st.session_state if str(key).endswith(ending)]:
        st.session_state[key] = ""


def setting(key: str, default: Any) -> Any:
    """Return the value of the settings widget `key`; before it was shown, `default`."""
    return st.session_state.get(key, default)


def put_setting(key: str, value: Any, *, over: bool = False) -> None:
    """Give the settings widget `key` its value before it is shown; `over` replaces one it has."""
    if over or key not in st.session_state:
        st.session_state[key] = value
