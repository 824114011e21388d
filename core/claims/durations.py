"""About how long each claim's experiment takes, measured on two idle cores. No torch here."""

LIVE_SECONDS = 10.0
"""What one waits for a verdict while watching."""

SECONDS: dict[int, float] = {
    7: 7.5,
    10: 14,
    11: 9.8,
    12: 36,
    14: 2.0,
    15: 3.7,
    17: 5.6,
    19: 1.1,
    22: 2.9,
    24: 7.1,
    25: 3.9,
    27: 6.8,
    30: 3.3,
    31: 8.0,
    33: 8.0,
    35: 7.4,
    36: 7.8,
    37: 7.8,
    38: 1.1,
    39: 2.7,
}
"""Of the claims that take a second or more."""

USUAL_SECONDS = 1.0
WHY_LONG: dict[int, str] = {
    10: "it trains three models on growing numbers of labels",
    12: "it trains a CNN and tunes the top of a pretrained encoder",
}
"""What the ones that do not run live have to do first."""


def seconds_of(number: int) -> float:
    """Return about how many seconds the experiment of claim `number` takes."""
    return SECONDS.get(number, USUAL_SECONDS)


def runs_live(number: int) -> bool:
    """Return whether the experiment of claim `number` ends while one waits for it."""
    return seconds_of(number) <= LIVE_SECONDS
