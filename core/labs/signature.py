"""The recipe that makes a number comparable: every result carries one."""

import dataclasses
import platform
from collections.abc import Sequence

import torch

import core
from core.labs.config import Config
from core.training.events import SettingEvent


def signature(
    lab: str,
    config: Config,
    *,
    device: torch.device,
    source: str = "",
    turned: Sequence[SettingEvent] = (),
) -> str:
    """Return one line: lab, version, every setting off its default, seed, device, torch.

    Live settings that were turned under way are part of the recipe: name, value, update.
    """
    default = type(config)()
    settings = {f.name: getattr(config, f.name) for f in dataclasses.fields(config)}
    changed = [
        f"{name}={_plain(value)}"
        for name, value in settings.items()
        if value != getattr(default, name) and name not in ("seed", "device", "probe_text")
    ]
    parts = [
        f"seqscope {core.__version__} {lab}",
        *changed,
        *([f"on: {source}"] if source else []),
        *(f"turned: {e.name}={e.value:g} after update {e.step}" for e in turned),
        f"seed={config.seed}",
        f"device={device.type}",
        f"torch {torch.__version__}",
        platform.machine(),
    ]
    return " | ".join(parts)


def _plain(value: object) -> str:
    return ",".join(map(str, value)) if isinstance(value, tuple) else str(value)
