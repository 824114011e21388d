"""The characters of a table that a person brings: decoded and cleaned, damage left to be seen.

A row with damage is dropped by whoever reads it, never mended; so it must stay visible here.
"""

import math
import re

from core.errors import TextError
from core.text.encodings import DecodedText, decode_bytes
from core.text.uploads import MAX_BYTES

CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
DAMAGE = re.compile("[\ufffd\ud800-\udfff]")
"""What stands where bytes could not be read, and halves of a character."""

_MOST_CONTROLS = 0.05


def decode_table(data: bytes, subject: str, wanted: str) -> DecodedText:
    """Return the characters of a file; lines end with a line feed, the last one without.

    Args:
        data: the file.
        subject: what a message calls it, as "The file".
        wanted: what a message asks for instead, as "sentences and their translations".

    Raises:
        TextError: too large, binary, or without a character that can be seen.
    """
    _require_size(len(data), subject, wanted)
    decoded = decode_bytes(data)
    if decoded.undecodable:
        text = data.decode(decoded.encoding, "replace")
        decoded = DecodedText(text, decoded.encoding, 0, decoded.notes[:-1])
    return _clean(decoded, subject, wanted)


def decode_paste(text: str, subject: str, wanted: str) -> DecodedText:
    """Return the characters of a pasted table, as those of a file.

    Raises:
        TextError: as `decode_table`.
    """
    _require_size(len(text.encode("utf-8", "surrogatepass")), subject, wanted)
    return _clean(DecodedText(text, "unicode", 0, ()), subject, wanted)


def _clean(decoded: DecodedText, subject: str, wanted: str) -> DecodedText:
    text = decoded.text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    text, controls = CONTROLS.subn("", text)
    if controls > _MOST_CONTROLS * (len(text) + controls):
        raise TextError(
            f"{subject} is not plain text: more than {_MOST_CONTROLS:.0%} of it is control "
            "characters. Save it as plain text in UTF-8."
        )
    text = text.removesuffix("\n")
    if not text.strip():
        raise TextError(f"{subject} holds only spaces and line breaks. Bring {wanted}.")
    notes = decoded.notes
    if controls:
        notes = (*notes, f"Removed {controls:,} control characters.")
    return DecodedText(text, decoded.encoding, 0, notes)


def _require_size(size: int, subject: str, wanted: str) -> None:
    if size > MAX_BYTES:
        megabytes = math.ceil(size / 100_000) / 10  # rounded up, so that it is above the limit
        raise TextError(
            f"{subject} is {megabytes:g} MB; the limit is {MAX_BYTES // 1_000_000} MB. "
            "Bring a part of it."
        )
    if size == 0:
        raise TextError(f"{subject} is empty. Bring {wanted}.")
