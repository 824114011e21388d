"""The training of a sentiment run for its stand-alone script. No torch here."""

import dataclasses
import json
from typing import TYPE_CHECKING

from core.errors import ConfigError
from core.labs.sentiment_config import SentimentConfig
from core.labs.sentiment_material import build_sentiment_material
from core.labs.sentiment_texts import encode_fold
from core.labs.translation_script import packed_lines

if TYPE_CHECKING:
    from core.labs.script import SourceBundle


def sentiment_parts(
    bundle: "SourceBundle", config: SentimentConfig, text: str | None
) -> tuple[str, str]:
    """Add what training needs to `bundle`; return the code of its texts and of its events.

    The texts of the first fold ride inside, as ids; its neural models are trained.

    Raises:
        ConfigError: the run has no model that torch alone can train.
    """
    if not config.neural:
        raise ConfigError(
            "none of its models is trained with torch alone: choose one of the neural models."
        )
    for module, name in (
        ("core.labs.sentiment_texts", "RaceTexts"),
        ("core.labs.sentiment_race", "build_text_pupils"),
        ("core.training.text_loop", "train_texts"),
    ):
        bundle.add(module, name)
    _, texts = encode_fold(config, build_sentiment_material(config, text), 0)
    packed = packed_lines(json.dumps(dataclasses.asdict(texts)).encode())
    task = packed + (
        "import json\ntexts = RaceTexts(**json.loads(zlib.decompress(base64.b85decode(packed))))\n"
    )
    events = (
        "pupils = build_text_pupils(config, texts, device)\n"
        "events = train_texts(pupils, device=device, dials=dials)\n"
    )
    return task, events
