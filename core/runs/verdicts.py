"""The newest verdict on each claim, read from the runs that came to it: nothing else keeps one."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from core.claims.catalogue import CLAIMS
from core.errors import RunNotFound
from core.runs.record import open_record
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
    """What is known of all claims: rulings, which run is at work on which, and what failed."""

    rulings: dict[int, Ruling]
    under_way: dict[int, str]
    failed: dict[int, str]


def read_board(store: RunStore, visitor: str) -> Board:
    """Return the newest ruling on each claim among the runs of `visitor`.

    A claim whose newest run gave no verdict keeps the ruling of an earlier one; `failed` says
    why the newest gave none.
    """
    board = Board(rulings={}, under_way={}, failed={})
    for run in store.listing(visitor):
        if run.lab == LAB:
            _read(store, run, board)
    return board


def asked_claims(run: RunSummary) -> list[int]:
    """Return the claims that a run of the checker puts to the test."""
    return list(run.config.get("only") or CLAIMS)


def _read(store: RunStore, run: RunSummary, board: Board) -> None:
    wanted = [number for number in asked_claims(run) if number not in board.rulings]
    if not wanted:
        return
    try:
        record = open_record(store, run.id)
    except RunNotFound:  # removed meanwhile
        return
    result = record.result or {}
    for number in wanted:
        verdict = record.verdicts.get(number)
        if verdict is not None:
            board.rulings[number] = _ruling(run, verdict, str(result.get("signature", "")))
        elif not record.is_ended:
            board.under_way.setdefault(number, run.id)
        elif record.cause:
            board.failed.setdefault(number, record.cause)


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
