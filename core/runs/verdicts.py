"""The newest verdict on each claim, read from the runs that came to it: nothing else keeps one."""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from core.claims.catalogue import CLAIMS
from core.errors import RunNotFound
from core.runs.record import RunRecord, open_record
from core.runs.states import ENDS
from core.runs.store import RunStore, RunSummary

LAB = "claims"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """A verdict, and the run that came to it: when, with which seed, on what.

    `ran_on` is the end of the run's signature (device, torch, machine); while the run lasts, the
    device it asked for.
    """

    run_id: str
    claim: int
    verdict: str
    measured: str
    threshold: str
    n: int
    seconds: float
    sentence: str
    at: datetime
    seed: int
    ran_on: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """What is known of all claims, by number.

    `rulings` has the newest verdicts; `under_way` the run that is to put a claim to the test, and
    `at_work` the claims whose experiment runs just now; `asked` what the runs under way were asked
    for, decided by now or not; `failed` why the newest run of a claim gave no verdict. A run that
    was stopped failed in nothing.
    """

    rulings: dict[int, Ruling]
    under_way: dict[int, str]
    at_work: set[int]
    asked: set[int]
    failed: dict[int, str]


@dataclass(frozen=True, slots=True)
class _Told:
    """What a run of the checker has said so far."""

    state: str
    cause: str
    step: int
    verdicts: dict[int, dict[str, Any]]
    signature: str


def read_board(store: RunStore, visitor: str) -> Board:
    """Return the newest ruling on each claim among the runs of `visitor`.

    A claim whose newest run gave no verdict keeps the ruling of an earlier one; `failed` says
    why the newest gave none.
    """
    board = Board(rulings={}, under_way={}, at_work=set(), asked=set(), failed={})
    for run in store.listing(visitor):
        if run.lab == LAB:
            _read(store, run, board)
    return board


def asked_claims(run: RunSummary) -> list[int]:
    """Return the claims that a run of the checker puts to the test, in their order."""
    return list(run.config.get("only") or CLAIMS)


def _read(store: RunStore, run: RunSummary, board: Board) -> None:
    asked = asked_claims(run)
    wanted = [number for number in asked if number not in board.rulings]
    if not wanted:
        return
    try:
        folder = store.folder(run.id)
        told = _ended(folder) if run.state in ENDS else _told(open_record(store, run.id))
    except RunNotFound:  # removed meanwhile
        return
    if told.state not in ENDS:
        board.asked.update(asked)
    if told.state == "running":
        waiting = [number for number in asked[told.step :] if number not in told.verdicts]
        board.at_work.update(waiting[:1])
    for number in wanted:
        verdict = told.verdicts.get(number)
        if verdict is not None:
            board.rulings[number] = _ruling(run, verdict, told.signature)
        elif told.state not in ENDS:
            board.under_way.setdefault(number, run.id)
        elif told.state != "stopped" and told.cause:
            board.failed.setdefault(number, told.cause)


def _told(record: RunRecord) -> _Told:
    signature = str((record.result or {}).get("signature", ""))
    return _Told(record.state, record.cause, record.step, dict(record.verdicts), signature)


@lru_cache(maxsize=512)
def _ended(folder: Path) -> _Told:
    """Return what a run has said that says no more: read once, in no reader that others share."""
    record = RunRecord(folder)
    record.refresh()
    return _told(record)


def _ruling(run: RunSummary, verdict: dict[str, Any], signature: str) -> Ruling:
    return Ruling(
        run_id=run.id,
        claim=verdict["claim"],
        verdict=verdict["verdict"],
        measured=verdict["measured"],
        threshold=verdict["threshold"],
        n=verdict["n"],
        seconds=verdict["seconds"],
        sentence=verdict["sentence"],
        at=datetime.fromtimestamp(verdict.get("at", run.created), tz=UTC),
        seed=int(run.config.get("seed", 0)),
        ran_on=", ".join(signature.split(" | ")[-3:]) or f"device={run.config.get('device')}",
    )
