"""The training of a length run for its stand-alone script. No torch here."""

from typing import TYPE_CHECKING

from core.errors import ConfigError
from core.labs.length_config import LengthConfig

if TYPE_CHECKING:
    from core.labs.script import SourceBundle


def length_parts(bundle: "SourceBundle", config: LengthConfig, text: str | None) -> tuple[str, str]:
    """Add what training needs to `bundle`; return the code of its task and of its events."""
    raise ConfigError("a length run has no script yet.")
