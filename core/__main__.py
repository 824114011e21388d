"""The labs without a browser: `python -m core LAB [--set key=value ...]`.

Progress goes to stderr, one JSON object to stdout at the end. `python -m core bleu --help` says
how to score two files of translations.
"""

import argparse
import importlib
import json
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from core.bleu_command import score_files
from core.claims.board import board_lines
from core.command_files import (
    TextKind,
    read_own_text,
    take_labelled_files,
    take_pair_files,
    take_served_model,
)
from core.errors import ConfigError, RunError, SeqScopeError
from core.labs.config import LABS, Config, find_lab
from core.labs.config_json import config_from_json
from core.labs.length_config import LengthConfig
from core.labs.sentiment_config import SentimentConfig
from core.labs.sources import reads_text
from core.labs.translation_config import TranslationConfig
from core.training.events import Event, to_json

# What `--text` sets where nothing else was said.
OWN_TEXT = {
    "gradient-flow": {"corpus": "own", "task": "language-model"},
    "clipping": {"corpus": "own"},
    "translation": {"task": "own"},
    "sentiment": {"source": "own"},
    "length": {"corpus": "own", "task": "language-model"},
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one lab, or score two files, and return the exit status.

    0: done; 1: it failed; 2: it could not be started; 130: stopped by Ctrl+C.
    """
    given = sys.argv[1:] if arguments is None else list(arguments)
    try:
        result = score_files(given[1:]) if given[:1] == ["bleu"] else _lab(given)
    except KeyboardInterrupt:
        print("seqscope: stopped", file=sys.stderr)
        return 130
    except SeqScopeError as error:
        print(f"seqscope: {error}", file=sys.stderr)
        return 1 if isinstance(error, RunError) else 2
    _print_result(result)
    return 0


def _lab(arguments: Sequence[str]) -> dict[str, Any]:
    options = _parser().parse_args(_lab_first(arguments))
    config, text = _asked(options)
    events = _run(options.lab, config, text)
    return _follow(options, config, text, events)


def _lab_first(arguments: Sequence[str]) -> list[str]:
    """Put the lab's name first, so that the many values of `--set` do not swallow it."""
    names = [word for word in arguments if word in LABS]
    return [*names[:1], *(word for word in arguments if word not in names[:1])]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m core", description=__doc__)
    parser.add_argument("lab", choices=list(LABS))
    parser.add_argument(
        "--set", action="extend", nargs="+", default=[], metavar="KEY=VALUE", dest="settings"
    )
    parser.add_argument("--seed", type=int, help="the same seed gives the same run")
    parser.add_argument("--device", help="auto, cuda, mps or cpu")
    parser.add_argument(
        "--only", action="extend", nargs="+", metavar="ID", help="of the claims: those to check"
    )
    parser.add_argument(
        "--text",
        type=Path,
        metavar="FILE",
        help="train on your own text; for translation a table of two columns, or --set "
        "source=FILE target=FILE [test_source=FILE test_target=FILE]; for sentiment a table of "
        "texts and labels, or --set train=FILE [test=FILE]",
    )
    parser.add_argument(
        "--out",
        type=Path,
        metavar="FOLDER",
        help="keep the run there; with SEQSCOPE_HOME=FOLDER the app shows it at /LAB?run=ID",
    )
    return parser


def _asked(options: argparse.Namespace) -> tuple[Config, str | None]:
    """Return the config that the command line asks for, and the visitor's own text if any."""
    values: dict[str, Any] = {}
    for setting in options.settings:
        key, equals, value = setting.partition("=")
        if not equals:
            raise ConfigError(f"--set got '{setting}'; it wants KEY=VALUE, as --set lag=50.")
        values[key] = value
    if options.only is not None:
        if options.lab != "claims":
            raise ConfigError(f"--only chooses claims; {options.lab} has none to choose.")
        values["only"] = [number for each in options.only for number in each.split(",")]
    given = {"seed": options.seed, "device": options.device}
    values |= {key: value for key, value in given.items() if value is not None}
    files = _taken_files(options.lab, values)
    if options.text is not None:
        if files is not None:
            raise ConfigError("--text and --set both name files; give one of them.")
        values = {**OWN_TEXT.get(options.lab, {}), **values}
    config = config_from_json(options.lab, values)
    if options.text is not None and not (reads_text(config) and config.corpus == "own"):
        raise ConfigError("With these settings no text of yours is read; leave --text out.")
    if files is not None or options.text is None:
        return config, files
    return config, read_own_text(options.text, kind=_text_kind(config))


def _taken_files(lab: str, values: dict[str, Any]) -> str | None:
    """Take the files that a lab's settings name out of them; return what stands in them."""
    match lab:
        case "translation":
            return take_pair_files(values)
        case "sentiment":
            return take_labelled_files(values)
        case "serving":
            return take_served_model(values)
        case _:
            return None


def _text_kind(config: Config) -> TextKind:
    if isinstance(config, SentimentConfig):
        return "labelled"
    if isinstance(config, LengthConfig) and config.task == "sentiment":
        return "labelled"
    if isinstance(config, TranslationConfig) and config.task == "own":
        return "pairs"
    return "plain"


def _run(lab: str, config: Config, text: str | None) -> Iterator[Event]:
    import torch

    from core.training.dials import Dials

    torch.set_num_threads(config.threads)
    module = importlib.import_module(find_lab(lab).module)
    events: Iterator[Event] = module.run(config, dials=Dials(**config.dials()), text=text)
    return events


def _follow(
    options: argparse.Namespace, config: Config, text: str | None, events: Iterator[Event]
) -> dict[str, Any]:
    """Consume the events, keep them where asked, and return the JSON object of the end.

    A run that ends with an error after its result has it printed all the same.
    """
    result: dict[str, Any] = {"lab": options.lab}
    try:
        _take(options, _kept(options, config, text, events) if options.out else events, result)
    except RunError:
        if "results" in result:
            _print_result(result)
        raise
    return result


def _take(options: argparse.Namespace, events: Iterator[Event], result: dict[str, Any]) -> None:
    """Say on stderr how the run goes on, and put what it came to into `result`."""
    shown = time.monotonic()
    for event in events:
        if event.kind == "progress":
            if time.monotonic() - shown > 1 or event.step == event.total:
                shown = time.monotonic()
                print(f"{options.lab}: {event.step} of {event.total}", file=sys.stderr)
        elif event.kind == "mark":
            print(f"{options.lab}: {event.model} {event.text}", file=sys.stderr)
        elif event.kind == "verdict":
            print(f"claim {event.claim}: {event.verdict}; {event.measured}", file=sys.stderr)
        elif event.kind == "result":
            result |= {
                "signature": event.signature,
                "device": event.device,
                "seconds": round(event.seconds, 3),
                "results": event.results,
            }
            if options.lab == "claims":
                print("\n".join(board_lines(event.results)), file=sys.stderr)


def _kept(
    options: argparse.Namespace, config: Config, text: str | None, events: Iterator[Event]
) -> Iterator[Event]:
    """Pass the events on, written as a run below the folder `--out`, its tables as CSV beside."""
    from core.runs.journal import EventWriter
    from core.runs.record import open_record
    from core.runs.store import RunStore
    from core.runs.tables import write_tables

    try:
        store = RunStore(options.out)
    except OSError as error:
        raise ConfigError(
            f"No run can be kept in {options.out}: {error.strerror}. Name another folder."
        ) from error
    run_id = store.create(options.lab, config, label="from the command line", text=text)
    writer = EventWriter(store.folder(run_id))
    writer.state("running")
    end, cause = "stopped", ""
    try:
        for event in events:
            if event.kind == "progress":
                writer.progress = event
            else:
                writer.add(event)
                writer.flush()
            yield event
        end = "done"
    except Exception as error:
        end, cause = "failed", str(error)
        raise
    finally:
        writer.state(end, cause)
        writer.close()
    write_tables(open_record(store, run_id), store.folder(run_id) / "tables")
    print(f"kept as run {run_id} below {options.out}", file=sys.stderr)


def _print_result(result: dict[str, Any]) -> None:
    print(json.dumps(_without_gaps(result), ensure_ascii=False))


def _without_gaps(value: Any) -> Any:
    """Return `value` with every number that is not finite as null: strict JSON for other tools."""
    value = to_json(value)
    if isinstance(value, dict):
        return {key: _without_gaps(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_without_gaps(item) for item in value]
    return None if isinstance(value, str) and value in ("nan", "inf", "-inf") else value


if __name__ == "__main__":
    sys.exit(main())
