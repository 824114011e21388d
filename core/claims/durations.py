"""About how long each claim's experiment takes, measured on two idle cores. No torch here."""

LIVE_SECONDS = 10.0
"""What one waits for a verdict while watching."""

SECONDS: dict[int, float] = {
    7: 17.0,
    10: 23.0,
    11: 9.5,
    12: 36.0,
    14: 6.0,
    24: 7.0,
    31: 9.0,
    33: 7.0,
    35: 7.5,
    36: 8.0,
    37: 10.0,
}
"""Of the claims that take longer than `USUAL_SECONDS`."""

USUAL_SECONDS = 4.0

WHY_LONG: dict[int, str] = {
    7: "it trains two LSTMs on film reviews, with and without padding",
    10: "it trains three models on growing numbers of labels",
    12: "it trains a CNN and tunes the top of a pretrained encoder",
    37: "it trains two encoders with attention's decoder",
}
"""What the ones that do not run live have to do first."""


def seconds_of(number: int) -> float:
    """Return about how many seconds the experiment of claim `number` takes."""
    return SECONDS.get(number, USUAL_SECONDS)


def runs_live(number: int) -> bool:
    """Return whether the experiment of claim `number` ends while one waits for it."""
    return seconds_of(number) <= LIVE_SECONDS
