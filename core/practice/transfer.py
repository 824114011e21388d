"""Progress as a file: all that is kept of a person as JSON, and back without loss."""

from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any, TypeVar, get_args

from core.claims.catalogue import CLAIMS
from core.errors import PracticeError
from core.practice.kept import Practice, Review, StoredInterview, TrapAnswer, Where, json_text
from core.practice.schedule import RATINGS
from core.practice.store import PracticeStore
from core.practice.tables import CARD_LENGTH, ID_LENGTH, WORD_LENGTH
from core.text.phrases import listed

FORMAT = "seqscope-progress"
VERSION = 1
ROWS_MOST = 200_000
TEXT_MOST = 100_000
INTERVIEW_MOST = 5_000_000
_EARLIEST, _LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)

Check = Callable[[Any], Any]
Row = TypeVar("Row")


def export_progress(store: PracticeStore, who: str) -> dict[str, Any]:
    """Return all that is kept of `who` as JSON values; times are ISO 8601 in UTC."""
    practice = store.everything(who)
    return {
        "format": FORMAT,
        "version": VERSION,
        "reviews": [_plain(review) for review in practice.reviews],
        "interviews": [_plain(interview) for interview in practice.interviews],
        "trap_answers": [_plain(answer) for answer in practice.trap_answers],
    }


def import_progress(store: PracticeStore, who: str, data: object) -> str:
    """Add what an export holds to what is kept of `who`; return in words what was new.

    What is there already is not added again; cards that this version does not have are kept.

    Raises:
        PracticeError: it is no export, or damaged; then nothing is added.
    """
    added = store.take(who, _practice(data))
    counts = (
        (len(added.reviews), "rating", "ratings"),
        (len(added.interviews), "interview", "interviews"),
        (len(added.trap_answers), "answer to a trap", "answers to traps"),
    )
    said = [f"{count:,} {one if count == 1 else many}" for count, one, many in counts if count]
    return listed(said) if said else "nothing new"


def _plain(row: Review | StoredInterview | TrapAnswer) -> dict[str, Any]:
    values = {field.name: getattr(row, field.name) for field in fields(row)}
    return {
        name: value.isoformat(timespec="microseconds") if isinstance(value, datetime) else value
        for name, value in values.items()
    }


def _practice(data: object) -> Practice:
    if not isinstance(data, Mapping) or data.get("format") != FORMAT:
        raise PracticeError(
            "The file is no export of progress. Choose one that 'Export' on the page Progress has "
            "written."
        )
    version = data.get("version", 0)
    if not _is_whole(version) or version < 1:
        raise PracticeError("The file does not say which version of an export it is.")
    if version > VERSION:
        raise PracticeError(
            f"The file is an export of version {version}; this SeqScope reads up to version "
            f"{VERSION}. Update SeqScope."
        )
    return Practice(
        reviews=_rows(data, "reviews", Review, _REVIEW),
        interviews=_rows(data, "interviews", StoredInterview, _INTERVIEW),
        trap_answers=_rows(data, "trap_answers", TrapAnswer, _TRAP_ANSWER),
    )


def _rows(
    data: Mapping[str, Any], name: str, kind: Callable[..., Row], checks: Mapping[str, Check]
) -> list[Row]:
    rows = data.get(name)
    if not isinstance(rows, list) or len(rows) > ROWS_MOST:
        raise PracticeError(f"The file is damaged: '{name}' is no list of at most {ROWS_MOST:,}.")
    found = []
    for place, row in enumerate(rows, start=1):
        try:
            if not isinstance(row, Mapping) or set(row) != set(checks):
                raise ValueError
            found.append(kind(**{field: check(row[field]) for field, check in checks.items()}))
        except (ValueError, TypeError, OverflowError, PracticeError) as error:
            raise PracticeError(
                f"The file is damaged: '{name}', entry {place:,}, is not as an export has it. "
                "Nothing was imported."
            ) from error
    return found


def _text(most: int, least: int = 1) -> Check:
    def check(value: Any) -> str:
        if not isinstance(value, str) or not least <= len(value) <= most or "\0" in value:
            raise ValueError
        value.encode()  # half a pair of surrogates is no text
        return value

    return check


def _one_of(*allowed: Any) -> Check:
    def check(value: Any) -> Any:
        if not any(
            value is each or (type(value) is type(each) and value == each) for each in allowed
        ):
            raise ValueError
        return value

    return check


def _optional(check: Check) -> Check:
    return lambda value: None if value is None else check(value)


def _count(value: Any) -> int:
    if not _is_whole(value) or not 0 <= value <= 10_000:
        raise ValueError
    return int(value)


def _seconds(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e9:
        raise ValueError
    return float(value)


def _time(value: Any) -> datetime:
    if not isinstance(value, str):
        raise ValueError
    at = datetime.fromisoformat(value)
    if at.tzinfo is None or not _EARLIEST <= at < _LATEST:
        raise ValueError
    return at.astimezone(UTC)


def _object(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict) or len(json_text(value)) > INTERVIEW_MOST:
        raise ValueError
    return value


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


_ID = _text(ID_LENGTH)
_REVIEW: dict[str, Check] = {
    "id": _ID,
    "card_id": _text(CARD_LENGTH),
    "rating": _one_of(*RATINGS),
    "at": _time,
    "seconds": _optional(_seconds),
    "named": _optional(_count),
    "of": _optional(_count),
    "where": _one_of(*get_args(Where)),
}
_INTERVIEW: dict[str, Check] = {"id": _ID, "begun": _time, "saved": _time, "data": _object}
_TRAP_ANSWER: dict[str, Check] = {
    "id": _ID,
    "claim": _one_of(*CLAIMS),
    "said": _one_of("true", "trap"),
    "shown": _one_of("claim", "counter"),
    "verdict": _text(WORD_LENGTH),
    "is_right": _one_of(None, True, False),
    "at": _time,
    "run_id": _text(ID_LENGTH, least=0),
    "measured": _text(TEXT_MOST, least=0),
}
