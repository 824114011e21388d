"""The training of a length run for its stand-alone script. No torch here."""

import json
from typing import TYPE_CHECKING

from core.labs.length_config import LengthConfig
from core.labs.length_texts import GENERATED, labelled_corpus
from core.labs.sources import training_text
from core.labs.translation_script import packed_lines
from core.text.vocabulary import Vocabulary

if TYPE_CHECKING:
    from core.labs.script import SourceBundle


def length_parts(bundle: "SourceBundle", config: LengthConfig, text: str | None) -> tuple[str, str]:
    """Add what training needs to `bundle`; return the code of its task and of its events.

    Trained are the models of the first seed, as in the run before any remedy.

    Raises:
        TextError, DataMissingError: the text is not there.
    """
    bundle.add("core.labs.length_race", "build_length_pupils")
    bundle.add("core.training.length_loop", "train_lengths")
    if config.task == "language-model":
        task = _language_model(bundle, config, text)
    elif config.task == "sentiment":
        task = _joined_texts(bundle, config, text)
    else:
        bundle.add("core.data.counting", GENERATED[config.task])
        task = f"task = {GENERATED[config.task]}({config.shortest}, {config.longest})\n"
    events = (
        "pupils = [each for each in build_length_pupils(config, task, device) if each.is_shown]\n"
        "events = train_lengths(pupils, rounds=config.updates, device=device, dials=dials)\n"
    )
    return task, events


def _language_model(bundle: "SourceBundle", config: LengthConfig, text: str | None) -> str:
    bundle.add("core.data.language_lengths", "LanguageLengths")
    found, _ = training_text(config.corpus, config.characters, text)
    vocabulary = Vocabulary.of(found)
    return (
        packed_lines(vocabulary.encode(found).astype("<u2").tobytes())
        + "raw = bytearray(zlib.decompress(base64.b85decode(packed)))\n"
        "ids = torch.frombuffer(raw, dtype=torch.int16).long()\n"
        f"lengths = ({config.shortest}, {config.longest})\n"
        f"task = LanguageLengths(*lengths, ids=ids, vocabulary_size={vocabulary.size})\n"
    )


def _joined_texts(bundle: "SourceBundle", config: LengthConfig, text: str | None) -> str:
    for module, name in (
        ("core.data.labelled", "LabelledCorpus"),
        ("core.data.labelled", "Example"),
        ("core.data.joined_texts", "JoinedTexts"),
    ):
        bundle.add(module, name)
    corpus = labelled_corpus(config, text)
    parts = [[(e.text, e.label) for e in part] for part in (corpus.examples, corpus.test)]
    return packed_lines(json.dumps(parts).encode()) + (
        "import json\n"
        "parts = json.loads(zlib.decompress(base64.b85decode(packed)))\n"
        "examples, test = (tuple(Example(*each) for each in part) for part in parts)\n"
        "corpus = LabelledCorpus(\n"
        f"    name={corpus.name!r},\n"
        f"    classes={corpus.classes!r},\n"
        "    examples=examples,\n"
        "    test=test,\n"
        '    citation="",\n'
        ")\n"
        f"task = JoinedTexts.of(corpus, shortest={config.shortest}, longest={config.longest}, "
        f"seed={config.seed})\n"
    )
