"""A run as one Python file that needs torch alone.

The script is not a second version of the lab: it is the lab's own source, cut down to what the
training of this run needs. Starting from the functions the script calls, every name they use is
followed through the modules of `core` and its definition copied. No torch here, nothing is
imported: the server writes scripts from source files.
"""

import ast
import dataclasses
import importlib.util
import textwrap
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import core
from core.errors import ConfigError
from core.labs.config import (
    ClaimsConfig,
    ClippingConfig,
    Config,
    GradientFlowConfig,
    TrainedConfig,
)
from core.labs.length_config import LengthConfig
from core.labs.length_script import length_parts
from core.labs.sentiment_config import SentimentConfig
from core.labs.sentiment_script import sentiment_parts
from core.labs.serving_config import ServingConfig
from core.labs.translation_config import TranslationConfig
from core.labs.translation_script import packed_lines, translation_parts
from core.text.vocabulary import Vocabulary

Turn = tuple[int, str, float]  # after this update, dial, value


@dataclasses.dataclass(frozen=True, slots=True)
class Module:
    """One module's top-level definitions and imports, by the name they bind."""

    source: str
    definitions: dict[str, ast.stmt]
    imports: dict[str, tuple[str, str | None]]  # name -> (module, attribute or None)


@lru_cache(maxsize=64)
def _read_module(name: str) -> Module:
    spec = importlib.util.find_spec(name)
    assert spec is not None
    assert spec.origin is not None
    source = Path(spec.origin).read_text(encoding="utf-8")
    definitions: dict[str, ast.stmt] = {}
    imports: dict[str, tuple[str, str | None]] = {}
    for node in ast.parse(source).body:
        match node:
            case ast.FunctionDef(name=bound) | ast.ClassDef(name=bound):
                definitions[bound] = node
            case (
                ast.Assign(targets=[ast.Name(id=bound)]) | ast.AnnAssign(target=ast.Name(id=bound))
            ):
                definitions[bound] = node
            case ast.ImportFrom(module=origin, names=names) if origin:
                imports |= {a.asname or a.name: (origin, a.name) for a in names}
            case ast.Import(names=names):
                imports |= {a.asname or a.name.split(".")[0]: (a.name, None) for a in names}
            case _:
                pass
    return Module(source, definitions, imports)


class SourceBundle:
    """The definitions that some functions of `core` need, in an order that Python can run."""

    def __init__(self) -> None:
        self._modules: dict[str, str] = {}  # of each name
        self._parts: list[str] = []
        self._imports: set[str] = set()

    def add(self, module: str, name: str) -> None:
        """Add the definition `name` of `module`, after everything that it uses."""
        found = _read_module(module)
        if name in found.imports:
            self._add_import(name, *found.imports[name])
        elif name in found.definitions and self._modules.get(name) != module:
            assert name not in self._modules, f"{module} and {self._modules[name]} define {name}"
            self._modules[name] = module
            node = found.definitions[name]
            evaluated, noted = _names_used(node)
            for used in evaluated:
                if used != name:
                    self.add(module, used)
            for used in noted:
                self._add_foreign(module, used)
            self._parts.append(_segment(found.source, node))

    def _add_foreign(self, module: str, name: str) -> None:
        """Import a name of an annotation if it is not ours: ours need not be there to run."""
        origin, attribute = _read_module(module).imports.get(name, ("core", None))
        if origin.split(".")[0] not in ("core", "numpy", "pandas"):
            self._add_import(name, origin, attribute)

    def _add_import(self, bound: str, origin: str, attribute: str | None) -> None:
        if origin == "core" or origin.startswith("core."):
            assert attribute is not None, "core is imported by name, so that scripts can follow"
            self.add(origin, attribute)
        elif attribute is None:
            alias = "" if bound == origin.split(".", maxsplit=1)[0] else f" as {bound}"
            self._imports.add(f"import {origin}{alias}")
        else:
            alias = "" if bound == attribute else f" as {bound}"
            self._imports.add(f"from {origin} import {attribute}{alias}")

    def source(self) -> str:
        """Return the imports and the definitions."""
        imports = ["from __future__ import annotations", "", *sorted(self._imports)]
        return "\n".join(imports) + "\n\n\n" + "\n\n\n".join(self._parts)


def _names_used(node: ast.stmt) -> tuple[list[str], list[str]]:
    """Return the names that `node` evaluates, and those that stand in its annotations only."""
    annotations = [
        part
        for n in ast.walk(node)
        for part in (getattr(n, "annotation", None), getattr(n, "returns", None))
        if part is not None
    ]
    noted = [n for part in annotations for n in ast.walk(part) if isinstance(n, ast.Name)]
    names = [n for n in ast.walk(node) if isinstance(n, ast.Name)]
    evaluated = dict.fromkeys(n.id for n in names if n not in noted)
    return list(evaluated), [name for name in {n.id for n in noted} if name not in evaluated]


def _segment(source: str, node: ast.stmt) -> str:
    first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))])
    return "\n".join(source.splitlines()[first - 1 : node.end_lineno])


def write_script(
    lab: str, config: Config, *, text: str | None = None, turns: Sequence[Turn] = ()
) -> str:
    """Return a Python script that trains this run again and prints its final losses.

    It needs torch and nothing else: the text a language model is trained on (at most
    `config.characters` characters of it), the sentence pairs or the labelled texts ride inside,
    compressed. `turns` are the live settings that were changed under way.

    Raises:
        SeqScopeError: no script can repeat this run.
    """
    assert not isinstance(config, ClaimsConfig)
    bundle = SourceBundle()
    if isinstance(config, TranslationConfig):
        task, body = translation_parts(bundle, config, text)
    elif isinstance(config, SentimentConfig):
        task, body = sentiment_parts(bundle, config, text)
    elif isinstance(config, LengthConfig):
        task, body = length_parts(bundle, config, text)
    elif isinstance(config, ServingConfig):
        raise ConfigError(
            "a serving run is a measurement of this machine; repeat it with the command above."
        )
    else:
        clips = isinstance(config, ClippingConfig)
        body = _clipping_body(bundle) if clips else _race_body(bundle)
        task = _task(bundle, config, text)
    bundle.add("core.training.dials", "Dials")
    bundle.add("core.training.events", "SeriesEvent")
    bundle.add("core.training.events", "ProgressEvent")
    bundle.add("core.labs.config", type(config).__name__)
    bundle.add("core.device", "choose_device")
    heading = (
        f'"""SeqScope {core.__version__}, lab {lab}: this run again, with torch alone.\n\n'
        "The definitions are the lab's own. Run it with: python this_file.py\n"
        '"""\n\n'
    )
    return heading + bundle.source() + "\n\n\n" + _main(config, turns, task, body)


def _race_body(bundle: SourceBundle) -> str:
    for name in ("build_racers", "train_racers"):
        bundle.add("core.labs.race", name)
    return (
        "racers = build_racers(config, task, device)\n"
        "events = train_racers(config, task, racers, dials=dials, device=device)\n"
    )


def _clipping_body(bundle: SourceBundle) -> str:
    bundle.add("core.labs.clipping", "train_twins")
    return "events = train_twins(config, task, dials=dials, device=device)\n"


def _task(
    bundle: SourceBundle, config: GradientFlowConfig | ClippingConfig, text: str | None
) -> str:
    window = config.window if isinstance(config, ClippingConfig) else config.lag
    if isinstance(config, GradientFlowConfig) and config.task != "language-model":
        kind = {"analog-memory": "AnalogMemory", "discrete-recall": "DiscreteRecall"}[config.task]
        bundle.add("core.data.memory", kind)
        return f"task = {kind}({window})\n"
    bundle.add("core.data.language", "LanguageModeling")
    assert text is not None, "a language model's script needs its text"
    text = text[: config.characters]
    vocabulary = Vocabulary.of(text)
    return (
        packed_lines(vocabulary.encode(text).astype("<u2").tobytes())
        + "raw = bytearray(zlib.decompress(base64.b85decode(packed)))\n"
        "ids = torch.frombuffer(raw, dtype=torch.int16).long()\n"
        f"task = LanguageModeling(ids, {vocabulary.size}, {window})\n"
    )


def _main(
    config: TrainedConfig,
    turns: Sequence[Turn],
    task: str,
    body: str,
) -> str:
    arguments = "".join(f"\n    {n}={v!r}," for n, v in _settings(config).items())
    main = (
        "import base64\nimport zlib\n\n"
        f"torch.set_num_threads({config.threads})\n"
        f"config = {type(config).__name__}({arguments}\n)\n"
        "device = choose_device(config.device)\n"
        "dials = Dials(**config.dials())\n"
        f"turns = {list(turns)!r}  # (after update, live setting, value)\n"
        f"{task}{body}"
        "losses: dict[str, list[float]] = {}\n"
        "for after, name, value in turns:\n"
        "    if after == 0:\n"
        "        dials.turn(name, value)\n"
        "for event in events:\n"
        "    if isinstance(event, SeriesEvent):\n"
        '        losses.setdefault(event.model, []).extend(event.columns["loss"])\n'
        "    if isinstance(event, ProgressEvent):\n"
        "        for after, name, value in turns:\n"
        "            if after == event.step:\n"
        "                dials.turn(name, value)\n"
        "for model, values in losses.items():\n"
        '    print(f"{model}: {len(values)} updates, final loss {values[-1]:.8g}")\n'
    )
    return 'if __name__ == "__main__":\n' + textwrap.indent(main, "    ")


def _settings(config: TrainedConfig) -> dict[str, Any]:
    return {f.name: getattr(config, f.name) for f in dataclasses.fields(config)}
