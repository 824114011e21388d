import time

import pytest

from core.errors import TextError
from core.text.uploads import MAX_BYTES, MIN_CHARACTERS, read_pasted, read_upload

SECRET = "zanzibar"
PLAIN = f"The {SECRET} letters came, and nobody knew who had written them.\n" * 8
FRENCH = (
    "Longtemps, je me suis couché de bonne heure. Parfois, à peine ma bougie éteinte, mes yeux se "
    "fermaient si vite que je n'avais pas le temps de me dire : « Je m'endors. »\n"
) * 4
RUSSIAN = "Все счастливые семьи похожи друг на друга, каждая несчастлива по-своему.\n" * 8
JAPANESE = "吾輩は猫である。名前はまだ無い。どこで生れたかとんと見当がつかぬ。\n" * 8
ENGLISH = "It’s a “fine” day — she said; the café was closed and nobody knew why.\n" * 8


def test_a_plain_text_is_kept_as_it_is():
    upload = read_upload(PLAIN.encode(), "letters.txt")
    assert upload.text == PLAIN
    report = upload.report
    assert (report.name, report.encoding, report.lines) == ("letters.txt", "utf-8", 8)
    assert report.bytes_read == report.characters_kept == len(PLAIN)
    assert (report.characters_dropped, report.notes) == (0, ())
    assert report.vocabulary == len(set(PLAIN))


@pytest.mark.parametrize("filename", ["a.txt", "A.TXT", "notes.md", "two.dots.txt", "été.md"])
def test_text_and_markdown_endings_are_read(filename):
    assert read_upload(PLAIN.encode(), filename).report.name == filename


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert('x')</script><b>&amp; tags are only text</b>\n" * 8,
        "😀 👩‍👩‍👧 🇫🇷 smileys and a family with joiners, kept one by one\n" * 8,
        "שלום עולם, مرحبا بالعالم, \u202eright to left\u202c and back\n" * 8,
        "e\u0301 o\u0308 combining marks stay where they are, a\u0323\u0302 too\n" * 8,
        "[link](javascript:alert(1)) {{ template }} $(shell) %s\t'; DROP TABLE--\n" * 8,
        "a replacement \ufffd that was there before, and a noncharacter \ufdd0\n" * 8,
    ],
)
def test_hostile_and_unusual_text_is_only_text(text):
    assert read_upload(text.encode(), "a.txt").text == text
    assert read_pasted(text).text == text
    assert read_pasted(text).report.notes == ()


@pytest.mark.parametrize(
    ("text", "codec", "named"),
    [
        (FRENCH, "latin-1", "cp1252"),
        (ENGLISH, "cp1252", "cp1252"),
        (RUSSIAN, "cp1251", "cp1251"),
        (RUSSIAN, "koi8_r", "koi8_r"),
        (JAPANESE, "shift_jis", "cp932"),
    ],
)
def test_a_legacy_encoding_is_guessed_and_said_to_be_a_guess(text, codec, named):
    upload = read_upload(text.encode(codec), "old.txt")
    assert upload.text == text
    assert upload.report.encoding == named
    assert "check the accents" in upload.report.notes[0]


def test_accents_far_from_the_start_are_found():
    text = "plain words only, for a long while\n" * 5_000 + FRENCH
    assert read_upload(text.encode("latin-1"), "a.txt").text == text


@pytest.mark.parametrize(
    ("codec", "mark"),
    [
        ("utf-8-sig", b""),
        ("utf-16-le", b"\xff\xfe"),
        ("utf-16-be", b"\xfe\xff"),
        ("utf-32-le", b"\xff\xfe\x00\x00"),
    ],
)
def test_a_byte_order_mark_decides_and_is_removed(codec, mark):
    upload = read_upload(mark + (FRENCH + RUSSIAN).encode(codec), "a.txt")
    assert upload.text == FRENCH + RUSSIAN
    assert upload.report.notes == ("Removed the byte-order mark at the start.",)
    assert upload.report.characters_dropped == 0


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("text", [PLAIN, FRENCH, RUSSIAN])
def test_utf16_without_a_mark_is_recognised(text, codec):
    upload = read_upload(text.encode(codec), "a.txt")
    assert upload.text == text
    assert upload.report.encoding == codec
    assert "without a byte-order mark" in upload.report.notes[0]


def test_control_characters_and_surrogates_are_dropped_and_counted():
    upload = read_pasted(PLAIN + "\x00a\x07b\n\x9bc\ud800d\ttab")
    assert upload.text == PLAIN + "ab\ncd\ttab"
    assert upload.report.characters_dropped == 4
    assert upload.report.notes == (
        "Dropped 3 control characters, the first on line 9.",
        "Dropped 1 lone surrogate, the first on line 10.",
    )


def test_nul_bytes_and_encoded_surrogates_are_dropped_from_a_file_too():
    upload = read_upload(PLAIN.encode() + b"\x00\x00end\xed\xa0\x80", "a.txt")
    assert upload.text == PLAIN + "end"
    assert upload.report.encoding == "utf-8"
    assert upload.report.characters_dropped == 3


def test_line_ends_are_made_plain_without_counting_as_dropped():
    upload = read_pasted(PLAIN.replace("\n", "\r\n") + "old\rmac")
    assert upload.text == PLAIN + "old\nmac"
    assert upload.report.characters_dropped == 0
    assert upload.report.notes == ("Made 9 Windows or old Mac line ends plain.",)


def test_damaged_utf8_stays_utf8_and_the_damage_is_counted():
    upload = read_upload(RUSSIAN.encode() + "ж".encode()[:1], "a.txt")
    assert upload.text == RUSSIAN
    assert upload.report.characters_dropped == 1
    assert upload.report.notes == (
        "Not readable as utf-8 and dropped: 1 in all, the first on line 9.",
    )


def test_a_large_vocabulary_is_noted_with_the_share_that_is_folded():
    text = "ab" * 500 + "".join(map(chr, range(0x4E00, 0x4E00 + 274)))
    report = read_pasted(text).report
    assert report.vocabulary == 276
    assert "276 different characters and a model knows the 256 most" in report.notes[0]
    assert "1.57% of the text" in report.notes[0]  # 20 of 1,274


def test_ten_megabytes_on_one_line_are_read_quickly():
    data = (b"all on one line " * 625_000)[:10_000_000]
    start = time.process_time()
    report = read_upload(data, "line.txt").report
    assert time.process_time() - start < 3
    assert (report.characters_kept, report.lines) == (10_000_000, 1)
    assert "Line 1 has 10,000,000 characters" in report.notes[0]


def test_a_full_size_legacy_upload_is_read_quickly():
    data = (RUSSIAN.encode("cp1251") * 40_000)[:MAX_BYTES]
    start = time.process_time()
    assert read_upload(data, "big.txt").report.encoding == "cp1251"
    assert time.process_time() - start < 4


PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4
NOISE = bytes((i * 7919 + i * i * 31) % 251 for i in range(5_000))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "The file is empty. Upload a text of at least 200 characters"),
        (b"a", "has 1 character; a language model cannot be trained on fewer than 200"),
        (b"too short", "has 9 characters; a language model cannot"),
        (b" \r\n\t" * 200, "holds only spaces and line breaks"),
        (b"\xef\xbb\xbf", "holds only spaces and line breaks"),
        (b"a" * 500 + b"\n", "repeats one character 500 times"),
        (b"\x00" * 1_000, "is not plain text: 100.0% of it is control characters"),
        (b"ab\x00" * 300, "is not plain text"),
        (PNG, "The file is a PNG image, not plain text. Export its text"),
        (b"%PDF-1.7\n" + PLAIN.encode(), "is a PDF document"),
        (b"PK\x03\x04" + PLAIN.encode(), "is a ZIP archive or an office document"),
        (NOISE, "neither UTF-8 nor any other text encoding|is not plain text"),
        (b"a b " * 6_250_000, "The file is 25 MB; the limit is 20 MB. Upload an excerpt instead"),
        (b"a" * (MAX_BYTES + 1), "The file is 20.1 MB; the limit is 20 MB"),
    ],
)
def test_what_cannot_be_used_is_refused_in_a_sentence(data, message):
    with pytest.raises(TextError, match=message):
        read_upload(data, "a.txt")


@pytest.mark.parametrize(
    ("filename", "message"),
    [
        ("paper.PDF", r"is a \.pdf file; only \.txt and \.md can be read"),
        ("README", "has a name without a known ending; only"),
        ("a.<script>alert(1)</script>", "has a name without a known ending"),
        ("", "has a name without a known ending"),
    ],
)
def test_other_endings_are_refused(filename, message):
    with pytest.raises(TextError, match=message):
        read_upload(PLAIN.encode(), filename)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "The pasted text is empty. Paste a text"),
        ("short", "The pasted text has 5 characters"),
        ("\ud800" * 500, "The pasted text is not plain text"),
        ("é " * 9_000_000, "The pasted text is 27 MB; the limit is 20 MB. Paste an excerpt"),
    ],
)
def test_a_pasted_text_is_refused_in_the_same_way(text, message):
    with pytest.raises(TextError, match=message):
        read_pasted(text)


def test_the_shortest_text_allowed_is_allowed():
    assert len(read_pasted("ab" * (MIN_CHARACTERS // 2)).text) == MIN_CHARACTERS


@pytest.mark.parametrize(
    "data",
    [
        SECRET.encode(),
        SECRET.encode() + b"\x00" * 300,
        PLAIN.encode() + b"\x00\r\n\xed\xa0\x80",
        PLAIN.encode("utf-16"),
        PLAIN.encode() + "é".encode("latin-1"),
        PLAIN.encode() * 40_000,
        (SECRET * 20_000).encode(),
        b"%PDF-" + PLAIN.encode(),
    ],
)
def test_no_message_and_no_note_quotes_the_text(data):
    try:
        said = read_upload(data, "a.txt").report.notes
    except TextError as error:
        said = (str(error),)
    assert SECRET not in " ".join(said).lower()
    assert all(sentence.endswith(".") for sentence in said)
