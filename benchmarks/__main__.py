"""`make bench`: one table, and `bench.json`."""

import argparse
import json
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import torch

from benchmarks import browser, length, sentiment, serving, training, translation
from benchmarks.measure import Row


def main() -> int:
    """Run the benchmarks named on the command line, or all; print them as they come."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("only", nargs="*", help="parts of the names of the benches to run")
    options = parser.parse_args()
    torch.set_num_threads(1)
    benches: dict[str, Callable[[], Iterable[Row]]] = {
        "gradient-flow": lambda: [training.gradient_flow_row(pairs=3)],
        "clipping": lambda: [training.clipping_row(pairs=5)],
        "gates": lambda: [training.gate_row(pairs=40)],
        "translation": translation.rows,
        "sentiment": sentiment.rows,
        "length": length.rows,
        "serving": serving.rows,
        "browser": browser.rows,
    }
    wanted = options.only or [""]
    chosen = [b for name, b in benches.items() if any(part in name for part in wanted)]
    if not chosen:
        parser.error(f"no bench has that name; there are {', '.join(benches)}")
    rows: list[Row] = []
    print(f"{'what':<48} {'measured':>16} {'limit':>16}  holds")
    for bench in chosen:
        for row in bench():
            rows.append(row)
            measured = f"{row.measured:.3f} {row.unit}"
            limit = "told" if row.limit is None else f"{row.sense} {row.limit:g}"
            print(f"{row.name:<48} {measured:>16} {limit:>16}  {'yes' if row.holds else 'NO'}")
            sys.stdout.flush()
    Path("bench.json").write_text(json.dumps([row.as_json() for row in rows], indent=1) + "\n")
    return 0 if all(row.holds for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
