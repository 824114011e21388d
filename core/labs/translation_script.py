"""The training of a translation run for its stand-alone script. No torch here."""

import base64
import textwrap
import zlib
from typing import TYPE_CHECKING

from core.errors import ConfigError
from core.labs.pair_material import build_pair_material
from core.labs.translation_config import TranslationConfig

if TYPE_CHECKING:
    from core.labs.script import SourceBundle

PACKED_WIDTH = 90


def packed_lines(data: bytes) -> str:
    """Return `data`, compressed, as the lines of a Python expression called `packed`."""
    packed = base64.b85encode(zlib.compress(data, 9)).decode("ascii")
    lines = "\n".join(f"    {part!r}" for part in textwrap.wrap(packed, PACKED_WIDTH))
    return f"packed = (\n{lines}\n)\n"


def translation_parts(
    bundle: "SourceBundle", config: TranslationConfig, text: str | None
) -> tuple[str, str]:
    """Add what training needs to `bundle`; return the code of its pairs and of its events.

    The training pairs ride inside. Of a ladder it is the first half, at equal updates.

    Raises:
        ConfigError: the numbers of updates were timed, so no script can make them again.
    """
    if config.schedule == "equal-compute":
        raise ConfigError(
            "how many updates each model got was timed on the machine it ran on. "
            "Choose another schedule for a run that a script can repeat."
        )
    for module, name in (
        ("core.data.pairs", "Pair"),
        ("core.data.pairs", "ParallelCorpus"),
        ("core.labs.pair_material", "PairMaterial"),
        ("core.metrics.buckets", "Buckets"),
        ("core.text.words", "WordVocabulary"),
        ("core.labs.translation_race", "own_updates"),
        ("core.labs.translation_race", "build_pupils"),
        ("core.labs.translation_race", "train_translators"),
    ):
        bundle.add(module, name)
    material = build_pair_material(config, text)
    rows = (f"{' '.join(p.source)}\t{' '.join(p.target)}" for p in material.corpus.train)
    words = (material.source_vocabulary.words, material.target_vocabulary.words)
    lines = [*(" ".join(each) for each in words), *rows]
    pairs = packed_lines("\n".join(lines).encode("utf-8")) + (
        'lines = zlib.decompress(base64.b85decode(packed)).decode("utf-8").split("\\n")\n'
        'source, target = (WordVocabulary(tuple(line.split(" "))) for line in lines[:2])\n'
        "pairs = []\n"
        "for line in lines[2:]:\n"
        '    one, other = line.split("\\t")\n'
        '    pairs.append(Pair(tuple(one.split(" ")), tuple(other.split(" "))))\n'
        "corpus = ParallelCorpus(\n"
        "    name=config.task, train=tuple(pairs), test={}, buckets=Buckets(config.buckets),\n"
        '    citation=""\n'
        ")\n"
        "material = PairMaterial(corpus, source, target)\n"
    )
    events = (
        "pupils = build_pupils(config, material, own_updates(config), device)\n"
        "events = train_translators(config, material, pupils, dials=dials, device=device)\n"
    )
    return pairs, events
