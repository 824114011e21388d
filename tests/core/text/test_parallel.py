import random
import time

import pytest

from core.errors import TextError
from core.text.parallel import (
    MOST_WORDS,
    read_parallel_file,
    read_parallel_files,
    read_parallel_paste,
    unpack_parallel,
)
from core.text.uploads import MAX_BYTES

SECRET = "zanzibar"
ROWS = [(f"The cat sees {i} {SECRET} birds.", f"Le chat voit {i} oiseaux, là.") for i in range(30)]
RUSSIAN = [(f"House number {i} is big", f"Дом номер {i} большой, очень большой") for i in range(30)]


def table(rows, between="\t"):
    return "".join(f"{source}{between}{target}\n" for source, target in rows)


TSV = table(ROWS)


def test_a_table_is_read_as_words():
    parallel = read_parallel_file(TSV.encode(), "birds.tsv")
    assert parallel.pairs[3] == (
        ("The", "cat", "sees", "3", SECRET, "birds", "."),
        ("Le", "chat", "voit", "3", "oiseaux", ",", "là", "."),
    )
    report = parallel.report
    assert (report.name, report.encoding, report.rows, report.kept) == (
        "birds.tsv",
        "utf-8",
        30,
        30,
    )
    assert report.dropped == {}
    assert report.source_vocabulary == 6 + 30
    assert report.target_vocabulary == 7 + 30
    assert (report.source_lengths.median, report.target_lengths.longest) == (7, 8)
    assert report.notes == ("The columns are separated by tabs.",)


def test_what_cannot_be_used_is_counted_dropped_and_said():
    long = " ".join(["word"] * (MOST_WORDS + 1))
    bad = ["only one column", "a\t", "\tb", "", "broken \ufffd here\tligne", f"{long}\tcourt"]
    text = TSV + "\n".join([*bad, TSV])
    report = read_parallel_paste(text).report
    assert report.kept == 30
    assert report.dropped == {
        "ragged": 1,
        "empty": 3,
        "mis-encoded": 1,
        "over-long": 1,
        "duplicate": 30,
    }
    assert report.rows == 66
    assert report.notes == (
        "The columns are separated by tabs.",
        "Dropped 1 row without exactly two columns, the first at row 31.",
        "Dropped 3 rows with nothing on one side or both, the first at row 32.",
        "Dropped 1 row with characters that cannot be read, the first at row 35.",
        "Dropped 1 row longer than the limit of 200 words, the first at row 36.",
        "Dropped 30 rows that repeat another one, the first at row 37.",
    )


def test_lengths_are_summed_up():
    rows = [("a " * n, "b " * (2 * n)) for n in range(1, 101)]
    report = read_parallel_paste(table(rows)).report
    lengths = report.source_lengths
    assert (lengths.median, lengths.percentile_95, lengths.longest) == (50, 96, 100)
    assert report.target_lengths.longest == 200


def test_the_limit_of_words_is_a_setting():
    parallel = read_parallel_paste(table([("a " * n, "b") for n in range(1, 61)]), most_words=30)
    assert parallel.report.dropped == {"over-long": 30}


@pytest.mark.parametrize("codec", ["utf-8-sig", "utf-16", "cp1251"])
def test_other_encodings_are_read(codec):
    parallel = read_parallel_file(table(RUSSIAN).encode(codec), "a.tsv")
    assert parallel.pairs[0][1] == ("Дом", "номер", "0", "большой", ",", "очень", "большой")
    assert parallel.pairs[0][0][0] == "House"


def test_a_line_that_is_not_utf8_is_dropped_not_mended():
    data = table(RUSSIAN).encode() + b"caf\xe9 noir\tblack coffee\n"
    report = read_parallel_file(data, "a.tsv").report
    assert (report.kept, report.dropped) == (30, {"mis-encoded": 1})
    assert report.encoding == "utf-8"
    assert not any("Not readable" in note for note in report.notes)


def test_a_lone_surrogate_drops_its_line_and_a_control_character_only_itself():
    parallel = read_parallel_paste(TSV + "bad \ud800 one\tx\ngood\x07 one\tbien\x85\n")
    assert parallel.report.dropped == {"mis-encoded": 1}
    assert parallel.pairs[-1] == (("good", "one"), ("bien",))
    assert "Removed 2 control characters." in parallel.report.notes


def test_right_to_left_and_unspaced_scripts_are_read():
    rows = [(f"שָׁלוֹם {i} עולם", f"吾輩は猫{i}である。") for i in range(30)]
    parallel = read_parallel_paste(table(rows))
    assert parallel.pairs[0] == (("שָׁלוֹם", "0", "עולם"), tuple("吾輩は猫0である。"))
    said = "The target side has no spaces between words: each character is a word."
    assert said in parallel.report.notes


def test_two_files_are_paired_line_by_line():
    sides = ["\n".join(side).encode() for side in zip(*ROWS, strict=True)]
    parallel = read_parallel_files(sides[0], "a.en", sides[1] + b"\n\n\n", "a.fr")
    assert parallel.pairs == read_parallel_paste(TSV).pairs
    assert parallel.report.name == "a.en and a.fr"
    assert parallel.report.notes == ()


def test_two_files_keep_their_lines_in_step_over_empty_ones():
    source = "\n".join(["one", "", *(f"s{i}" for i in range(30)), "last"]).encode()
    target = "\n".join(["un", "rien", *(f"t{i}" for i in range(30)), "\n"]).encode("utf-16")
    parallel = read_parallel_files(source, "a", target, "b")
    assert parallel.pairs[1] == (("s0",), ("t0",))
    assert parallel.report.dropped == {"empty": 2}
    assert parallel.report.encoding == "utf-8 and utf-16-le"


def test_two_files_of_different_length_are_refused_with_both_counts():
    with pytest.raises(TextError, match="source file has 1,000 lines and the target file 999;"):
        read_parallel_files(b"word\n" * 1_000, "a", b"mot\n" * 999, "b")
    with pytest.raises(TextError, match="The target file is empty"):
        read_parallel_files(b"word\n" * 1_000, "a", b"", "b")
    with pytest.raises(TextError, match="Each file has one line only; at least 20"):
        read_parallel_files(b"word", "a", b"mot", "b")


PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "The file is empty"),
        (b"\xef\xbb\xbf \r\n\n", "The file holds only spaces and line breaks"),
        (b"one\tun", "The file has one line only; at least 20 are needed"),
        (b"\nhouse\tmaison\n", "The file has one line only"),
        (b"a sentence\n" * 50, "There is one column only. Put a tab"),
        (PNG, "is a PNG image"),
        (b"PK\x03\x04" + TSV.encode(), "is a ZIP archive or an office document"),
        (b"\x00\x01\x02\t\x03\n" * 300, "is not plain text: more than 5%"),
        (table(ROWS[:19]).encode(), "19 of 19 rows can be used; at least 20 are needed"),
        (table(ROWS[:5] * 9).encode(), r"5 of 45 rows can be used \(40 duplicate\); at least 20"),
        (b"a\t\n" * 99, r"0 of 99 rows can be used \(99 empty\)"),
        (b"a\tb\n" * 5_250_000, "The file is 21 MB; the limit is 20 MB. Bring a part"),
    ],
)
def test_what_cannot_be_used_is_refused_in_a_sentence(data, message):
    with pytest.raises(TextError, match=message):
        read_parallel_file(data, "a.tsv")


@pytest.mark.parametrize(
    ("text", "message"),
    [("", "The pasted text is empty"), ("one\tun", "The pasted text has one line only")],
)
def test_a_pasted_text_is_refused_in_the_same_way(text, message):
    with pytest.raises(TextError, match=message):
        read_parallel_paste(text)


def test_a_test_file_may_be_shorter():
    data = table(ROWS[:3]).encode()
    assert len(read_parallel_file(data, "test.tsv", least_pairs=1).pairs) == 3


@pytest.mark.parametrize("text", [TSV, table(RUSSIAN), "<b>{{x}}</b>\t; DROP 'x'--\n" + TSV])
def test_packed_text_holds_the_pairs_and_those_to_test_on(text):
    parallel = read_parallel_paste(text)
    assert unpack_parallel(parallel.packed()) == (parallel.pairs, ())
    test = read_parallel_paste(table([("new one", "le nouveau")]) * 2, least_pairs=1)
    both = parallel.with_test(test)
    assert unpack_parallel(both.packed()) == (parallel.pairs, test.pairs)
    assert parallel.test_pairs == ()
    assert both.packed().encode().decode() == both.packed()


@pytest.mark.parametrize("text", ["", "no tab", "a\tb\nc\t \n", "a\tb\ttrain", "a\tb\ttest\tx"])
def test_a_text_that_was_not_packed_is_refused(text):
    with pytest.raises(TextError, match=r"Line [12] of the pairs is not a sentence, a tab"):
        unpack_parallel(text)


def test_a_full_size_file_is_read_in_seconds():
    rows = [
        (f"the {i} cats see a small red house often", f"les {i} chats voient") for i in range(10)
    ]
    data = "".join(table(rows).replace(" cats", f" cats{n}") for n in range(40_000)).encode()
    data = data[:MAX_BYTES]
    start = time.process_time()
    assert read_parallel_file(data, "big.tsv").report.kept > 300_000
    assert time.process_time() - start < 12


def test_ten_megabytes_on_one_line_are_only_a_long_row():
    text = TSV + "word " * 2_000_000 + "\tmot\n"
    start = time.process_time()
    assert read_parallel_paste(text).report.dropped == {"over-long": 1}
    assert time.process_time() - start < 4


def test_no_message_and_no_note_quotes_the_text():
    for text in (TSV, TSV[:100], SECRET * 9, f"{SECRET}\n" * 50, table(ROWS[:5]), TSV + SECRET):
        try:
            said = read_parallel_paste(text).report.notes
        except TextError as error:
            said = (str(error),)
        assert said
        assert SECRET not in " ".join(said)
        assert all(sentence.endswith(".") for sentence in said)


@pytest.mark.parametrize("edits", [1, 10, 300])
@pytest.mark.parametrize("seed", range(20))
def test_a_damaged_file_is_read_or_refused(seed, edits):
    rng = random.Random(seed)
    data = bytearray(rng.choice([TSV, table(ROWS, ","), table(RUSSIAN, ";")]).encode())
    for _ in range(edits):
        at = rng.randrange(len(data))
        data[at : at + rng.randrange(4)] = rng.choice(
            [b'"', b"\n", b"\t", b"\x00", b"\xff\xfe", b","]
        )
    try:
        parallel = read_parallel_file(bytes(data), "a.tsv")
    except TextError as error:
        said, parallel = str(error), None
    else:
        report, said = parallel.report, " ".join(parallel.report.notes)
        assert report.kept + sum(report.dropped.values()) == report.rows
        assert unpack_parallel(parallel.packed())[0] == parallel.pairs
    assert SECRET not in said
    assert parallel or edits > 1
