"""Two files scored against each other: `python -m core bleu --hypotheses FILE --references FILE`.

One JSON object to stdout: `overall`, `buckets` by their centre, and sacreBLEU's signatures.
"""

import argparse
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from core.errors import ConfigError, TextError
from core.metrics.bleu import BucketScore, score_buckets
from core.metrics.buckets import DEFAULT_BUCKETS, Buckets, is_reliable
from core.metrics.statistics import TOKENIZERS


def score_files(arguments: Sequence[str]) -> dict[str, Any]:
    """Return the scores of the files that the command line names, as plain values.

    Raises:
        ConfigError: a file is missing, the tokenizer or the buckets cannot be used, or the files
            do not have as many lines.
        TextError: a file is empty or not in UTF-8.
    """
    options = _parser().parse_args(arguments)
    buckets = _buckets(options.buckets)
    hypotheses = _lines(options.hypotheses, "--hypotheses")
    references = _lines(options.references, "--references")
    scores = score_buckets(
        hypotheses, references, buckets, tokenize=options.tokenize, seed=options.seed
    )
    return {
        "overall": _row(scores.overall),
        "buckets": {str(score.bucket): _row(score) for score in scores.buckets},
        "signature": scores.signature,
        "chrf_signature": scores.chrf_signature,
    }


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m core bleu", description=__doc__)
    for name in ("--hypotheses", "--references"):
        parser.add_argument(
            name, type=Path, required=True, metavar="FILE", help="UTF-8, a sentence a line"
        )
    parser.add_argument(
        "--tokenize",
        default="13a",
        metavar="NAME",
        help=f"{', '.join(TOKENIZERS)}; none for words that are apart already (default: 13a)",
    )
    parser.add_argument(
        "--buckets",
        default=",".join(map(str, DEFAULT_BUCKETS)),
        metavar="LENGTHS",
        help="centres of the buckets of reference length, in words (default: %(default)s)",
    )
    parser.add_argument("--seed", type=_seed, default=0, help="of the intervals (default: 0)")
    return parser


def _seed(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise argparse.ArgumentTypeError(f"{text} is not a whole number from 0")
    return int(text)


def _buckets(text: str) -> Buckets:
    try:
        return Buckets(tuple(int(part) for part in text.split(",")))
    except ValueError:
        raise ConfigError(f"--buckets got '{text}'; it wants lengths, as 10,25,50.") from None


def _lines(path: Path, option: str) -> list[str]:
    """Return the lines as sacreBLEU reads them: only a line end ends a line."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise ConfigError(f"There is no file {path}; {option} wants a text file.") from None
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}.") from error
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise TextError(
            f"{path} is not in UTF-8: line {line:,} has bytes that mean nothing in it. "
            "Save the file as UTF-8 text."
        ) from None
    if not text:
        raise TextError(f"{path} is empty; {option} wants a sentence a line.")
    return text.replace("\r\n", "\n").replace("\r", "\n").removesuffix("\n").split("\n")


def _row(score: BucketScore) -> dict[str, Any]:
    values = asdict(score)
    del values["bucket"]
    return {**values, "reliable": is_reliable(score.n)}
