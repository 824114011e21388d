"""From the bytes of an upload to characters: UTF-8 first, then UTF-16, then an informed guess."""

import codecs
from dataclasses import dataclass

from core.errors import TextError
from core.text.vocabulary import REPLACEMENT

_MARKS = (  # UTF-32 before UTF-16: its little-endian mark begins with that of UTF-16
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_SIGNATURES = (
    (b"%PDF-", "a PDF document"),
    (b"PK\x03\x04", "a ZIP archive or an office document"),
    (b"\xd0\xcf\x11\xe0", "an old office document"),
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"RIFF", "a sound, film or WebP file"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"7z\xbc\xaf", "a 7-Zip archive"),
    (b"Rar!\x1a", "a RAR archive"),
    (b"SQLite format 3", "a SQLite database"),
    (b"\x7fELF", "a program"),
)
_LEGACY = ["cp1252", "cp1251", "cp1250", "cp1253", "cp1254", "cp1255", "cp1256", "koi8_r"]
_LEGACY += ["cp932", "euc_jp", "gb18030", "big5", "cp949"]
_CYRILLIC = ("cp1251", "koi8_r")
_SAMPLE_BYTES = 65_536


@dataclass(frozen=True, slots=True)
class DecodedText:
    """Characters with how they were found; what no encoding explains is left out and counted."""

    text: str
    encoding: str
    undecodable: int
    notes: tuple[str, ...]


def decode_bytes(data: bytes) -> DecodedText:
    """Return `data` as characters; a byte-order mark stays as U+FEFF, surrogates stay too.

    Raises:
        TextError: the bytes are a known binary format, or no known encoding explains them.
    """
    _refuse_signature(data)
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _decode(data, encoding)
    if encoding := _utf16_without_mark(data):
        label = encoding.upper()
        return _decode(data, encoding, f"Recognised {label} without a byte-order mark.")
    try:
        return DecodedText(data.decode("utf-8", "surrogatepass"), "utf-8", 0, ())
    except UnicodeDecodeError as error:
        first = error.start
    if _is_damaged_utf8(data):
        return _decode(data, "utf-8")
    line_start = data.rfind(b"\n", max(0, first - 1_000), first) + 1
    start = line_start or first  # a line start is a character's start in every encoding here
    encoding = _guess(data[start : start + _SAMPLE_BYTES])
    return _decode(
        data,
        encoding,
        f"Guessed the encoding {encoding} from the bytes; check the accents and quotation marks, "
        "or save the file as UTF-8.",
    )


def _decode(data: bytes, encoding: str, *notes: str) -> DecodedText:
    try:
        return DecodedText(data.decode(encoding, "surrogatepass"), encoding, 0, notes)
    except UnicodeDecodeError:
        text = data.decode(encoding, "replace")
    first_line = text.count("\n", 0, text.index(REPLACEMENT)) + 1
    kept = text.replace(REPLACEMENT, "")
    undecodable = len(text) - len(kept)
    note = (
        f"Not readable as {encoding} and dropped: {undecodable:,} in all, "
        f"the first on line {first_line:,}."
    )
    return DecodedText(kept, encoding, undecodable, (*notes, note))


def _refuse_signature(data: bytes) -> None:
    for signature, kind in _SIGNATURES:
        if data.startswith(signature):
            raise TextError(
                f"The file is {kind}, not plain text. Export its text as .txt and upload that."
            )


def _utf16_without_mark(data: bytes) -> str:
    sample = data[: min(len(data) // 2 * 2, _SAMPLE_BYTES)]
    half = len(sample) / 2
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    if odd >= 0.1 * half and even < 0.01 * half:  # letters, spaces and line ends have a zero byte
        return "utf-16-le"
    if even >= 0.1 * half and odd < 0.01 * half:
        return "utf-16-be"
    return ""


def _is_damaged_utf8(data: bytes) -> bool:
    text = data.decode("utf-8", "replace")
    ascii_characters = len(text.encode("ascii", "ignore"))
    return text.count(REPLACEMENT) <= 0.1 * (len(text) - ascii_characters)


def _guess(sample: bytes) -> str:
    from charset_normalizer import from_bytes  # 50 ms, and most texts are UTF-8

    matches = from_bytes(sample, cp_isolation=_LEGACY, threshold=0.4)
    best = matches.best()
    if best is None:
        raise TextError(
            "The file is neither UTF-8 nor any other text encoding that is known here; it may be "
            "a binary file. Save it as plain text in UTF-8 and upload that."
        )
    if best.encoding in _CYRILLIC:  # each reads the other's small letters as capitals
        return min(_CYRILLIC, key=lambda page: _capitals(sample, page))
    # equally good code pages tie in order of the alphabet: of those the western one is likeliest
    equals = [m for m in matches if (m.chaos, m.coherence) == (best.chaos, best.coherence)]
    names = {name for match in equals for name in match.could_be_from_charset}
    return "cp1252" if "cp1252" in names else best.encoding


def _capitals(sample: bytes, encoding: str) -> int:
    return sum(character.isupper() for character in sample.decode(encoding, "ignore"))
