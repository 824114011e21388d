import json
import random
import time

import pytest

from core.errors import TextError
from core.text.labelled import (
    LEAST_ROWS,
    class_names,
    label_rows,
    read_labelled_file,
    read_labelled_paste,
    unpack_labelled,
)
from core.text.labelled_report import interval_points
from core.text.labelled_table import MOST_ROWS, read_table_paste
from core.text.uploads import MAX_BYTES

SECRET = "zanzibar"
CLASSES = ("Negative", "Neutral", "Positive")
ROWS = [(f"A film of {i} {SECRET}, and long.", CLASSES[i * i % 3 + i % 2]) for i in range(90)]
BALANCED = [(f"film number {i}", "01"[i % 2]) for i in range(1_000)]


def csv_table(rows, header="text,label"):
    lines = [f'"{text}",{label}' for text, label in rows]
    return "\n".join([header, *lines] if header else lines) + "\n"


def json_lines(rows):
    return "\n".join(json.dumps({"text": text, "label": label}) for text, label in rows)


CSV = csv_table(ROWS)
FORMS = {
    "commas": CSV,
    "no header": csv_table(ROWS, header=""),
    "semicolons": "\n".join(f'"{text}";{label}' for text, label in ROWS),
    "tabs": "\n".join(f"{text}\t{label}" for text, label in ROWS),
    "label first": "\n".join(f"{label}\t{text}" for text, label in ROWS),
    "unknown header": csv_table(ROWS, header="Kommentar,Stimmung"),
    "a column of numbers": "id,review,sentiment\n"
    + "\n".join(f'{i},"{text}",{label}' for i, (text, label) in enumerate(ROWS)),
    "JSON lines": json_lines(ROWS),
    "a JSON list": json.dumps([{"stars": b, "reviewText": a} for a, b in ROWS], indent=1),
    "a JSON list in an object": json.dumps({"n": 90, "data": [list(row) for row in ROWS]}),
    "JSON lists on lines": "\n".join(json.dumps(row) for row in ROWS),
    "spaces around": "\n\n" + CSV.replace("\n", "\r\n").replace(",N", ",  N") + "\n\n",
    "a comma at each end": CSV.replace("ve\n", "ve,\n"),
}


@pytest.mark.parametrize("form", FORMS)
def test_whatever_it_is_written_as_the_same_rows_are_read(form):
    labelled = read_labelled_paste(FORMS[form])
    assert labelled.rows == tuple(ROWS)
    assert list(labelled.report.classes) == list(CLASSES)
    assert sum(labelled.report.classes.values()) == labelled.report.kept == 90
    assert read_labelled_file(FORMS[form].encode(), "a").rows == labelled.rows


@pytest.mark.parametrize("end", ["\n", "\r\n", "\t"])
def test_a_text_keeps_its_line_breaks_tabs_and_quotes(end):
    rows = [(f'one "{i}"{end}two', str(i % 2)) for i in range(40)]
    quoted = [(text.replace('"', '""'), label) for text, label in rows]
    labelled = read_labelled_paste(csv_table(quoted))
    assert labelled.rows == tuple((text.replace("\r", ""), label) for text, label in rows)
    assert read_labelled_paste(json_lines(rows)).rows == tuple(rows)
    assert unpack_labelled(labelled.packed()) == (labelled.rows, ())


def test_the_report_counts_what_was_kept_by_hand():
    labelled = read_labelled_file(CSV.encode(), "films.csv")
    report = labelled.report
    assert (report.name, report.encoding, report.rows, report.kept) == (
        "films.csv",
        "utf-8",
        90,
        90,
    )
    assert report.dropped == {}
    assert (report.lengths.median, report.lengths.percentile_95, report.lengths.longest) == (
        9,
        9,
        9,
    )
    assert [(each.low, each.high, each.count) for each in report.length_bins][-1] == (9, 9, 90)
    assert report.notes == (
        "The columns are separated by commas.",
        "The first row names the columns and was left out.",
    )
    assert (labelled.columns, labelled.text_column) == (("text", "label"), "text")


def test_what_cannot_be_used_is_counted_dropped_and_said():
    bad = [
        "one cell only",
        ",Positive",
        "a text without a label,",
        "broken \ufffd here,Positive",
        "",
        '"A FILM of 0 zanzibar , and long .",Negative',
        "two minds,Positive",
        "Two minds,Negative",
        "alone,Postive",
    ]
    report = read_labelled_paste(CSV + "\n".join([*bad, "end,Positive"])).report
    assert report.dropped == {
        "ragged": 1,
        "empty": 2,
        "unlabelled": 1,
        "mis-encoded": 1,
        "duplicate": 1,
        "conflicting": 2,
        "rare": 1,
    }
    assert (report.rows, report.kept) == (100, 91)
    assert report.notes[2:] == (
        "Dropped 1 row without as many cells as there are columns, the first at row 91.",
        "Dropped 2 rows without a text, the first at row 92.",
        "Dropped 1 row without a label, the first at row 93.",
        "Dropped 1 row with characters that cannot be read, the first at row 94.",
        "Dropped 1 row with the text and label of another one, the first at row 96.",
        "Dropped 2 rows whose text has another label elsewhere, the first at row 97.",
        "Dropped 1 row of a class with fewer than 3 rows, the first at row 99.",
    )


def test_columns_are_chosen_by_name_or_by_number():
    text = csv_table([(f"{text}\",{i % 2},\"{label}'s note {i}", i % 4) for i, (text, label) in
                      enumerate(ROWS)], header="body,even,note,label")  # fmt: skip
    guessed = read_labelled_paste(text)
    assert (guessed.text_column, guessed.label_column) == ("body", "label")
    assert guessed.columns == ("body", "even", "note", "label")
    chosen = read_labelled_paste(text, text_column="note", label_column="even")
    assert chosen.rows[1] == (f"{ROWS[1][1]}'s note 1", "1")
    bare = read_labelled_paste(
        FORMS["label first"], text_column="column 2", label_column="column 1"
    )
    assert bare.rows == tuple(ROWS)
    with pytest.raises(TextError, match="no column of the name that was given"):
        read_labelled_paste(text, text_column=SECRET)
    with pytest.raises(TextError, match="One column is chosen for both"):
        read_labelled_paste(text, text_column="even", label_column="even")


def test_names_of_columns_are_made_different_and_short():
    text = csv_table([(f'{text}",1,"x', label) for text, label in ROWS], f"text,,text,{'l' * 99}")
    columns = read_table_paste(text).columns
    assert columns == ("text", "column 2", "text (2)", "l" * 60)


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        (["10 stars", "2 stars"], ("2 stars", "10 stars")),
        (["positive", "Negative", "neutral"], ("Negative", "neutral", "positive")),
        (["1", "0", "-1", "0,5"], ("-1", "0", "0,5", "1")),
        (["<b>bad</b>", "шум", "好", "5"], ("5", "<b>bad</b>", "шум", "好")),
    ],
)
def test_classes_may_have_any_name_and_have_an_order(labels, expected):
    assert class_names(labels * 2) == expected
    rows = [(f"text number {i} here", labels[i % len(labels)]) for i in range(60)]
    report = read_labelled_file(json_lines(rows).encode(), "a.jsonl").report
    assert tuple(report.classes) == expected


PLAIN = "There is one column only. Put a tab"
HOSTILE = {
    "empty": (b"", "The file is empty. Bring a table"),
    "a mark only": (b"\xef\xbb\xbf\n \n", "holds only spaces and line breaks"),
    "header only": (b"text,label\n", "There is no row below the names of the columns"),
    "one class": (csv_table([(t, "x") for t, _ in ROWS]), "All 90 rows have the same label"),
    "one row": (b"a great film,positive", "1 of 1 row can be used; at least 20 are needed"),
    "one column": (b"just a text\n" * 50, PLAIN),
    "prose": (b"It was late, and it rained.\n" * 400, r"1 of 400 rows can be used \(399 dup"),
    "201 columns": (("a,b" + ",c" * 199 + "\n") * 50, "There are 201 columns or more; at most 200"),
    "20 MB of commas": (b"a," * (MAX_BYTES // 2), "columns or more; at most 200"),
    "20 MB of tabs": (b"\t" * (MAX_BYTES - 1) + b"x", PLAIN),
    "5 million lines": (b"a,b\n" * (MAX_BYTES // 4), "There are 5,000,000 lines; at most"),
    "20 MB of brackets": (b"[" * MAX_BYTES, PLAIN),
    "20 MB of open quotes": (b'"a,' * (MAX_BYTES // 3), "There"),
    "201 keys": (json.dumps({str(i): 1 for i in range(201)}).encode(), "more than 200 columns"),
    "a PNG": (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4, "is a PNG image"),
    "NUL throughout": (b"\x00\x01\x02,\x03\n" * 300, "is not plain text: more than 5%"),
    "21 MB": (b"a b\tc\n" * 3_500_000, "The file is 21 MB; the limit is 20 MB. Bring a part"),
    "a quantity": (
        csv_table([(t, f"{i / 7:.4f}") for i, (t, _) in enumerate(ROWS)], "text,rating").encode(),
        "number 2, has 90 different numbers: that is a quantity, not a class. Make classes",
    ),
    "too many classes": (
        csv_table([(f"{t} {k}", f"c{i % 30}") for k in range(3) for i, (t, _) in enumerate(ROWS)]),
        "number 2, has 30 different values; at most 20 classes",
    ),
    "long labels": (
        csv_table([(f"film {i}", f"{SECRET} " * 20 + str(i % 2)) for i in range(90)]),
        "number 2, has values of up to 181 characters; a label may have 100",
    ),
    "small classes": (csv_table([*[(f"t {i}", "a") for i in range(40)], ("u", "b"), ("v", "b")]),
                      "Only one of 2 classes has 3 rows or more"),
    "ragged": ("\n".join(",".join("abcdefgh"[: 1 + i % 7]) for i in range(200)), "of 200 rows"),
    "unbalanced quotes": ('"never closed\n' * 90, PLAIN),
    "deep JSON": ("[" * 100_000, PLAIN),
    "an object without a list": ('{"text": "a film",\n "label": 1}', "1 of 1 row can be used"),
    "JSON numbers": ("[1, 2, 3]", "There is no row below"),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_what_cannot_be_used_is_refused_in_a_sentence(name):
    given, message = HOSTILE[name]
    start = time.process_time()
    with pytest.raises(TextError, match=message) as refused:
        read_labelled_file(given if isinstance(given, bytes) else given.encode(), "a.csv")
    assert time.process_time() - start < 15
    assert SECRET not in str(refused.value)


READ = {
    "a cell of 10,000 words": (CSV + f'"{"supercalifragilistic " * 10_000}",Neutral\n').encode(),
    "NUL bytes": CSV.replace("A film", "A\x00 film").encode(),
    "latin-1": CSV.replace("film", "film d'été").encode("latin-1"),
    "UTF-16": CSV.replace("film", "été").encode("utf-16"),
    "UTF-16 without a mark": CSV.encode("utf-16-be"),
    "an open quote": (
        CSV + '"open,Neutral\n' + csv_table(ROWS[:5]).replace("film", "book")
    ).encode(),
    "formulas": (CSV + "".join(f"\"=cmd|'/c {i}'!A1\",@SUM\n" for i in range(30))).encode(),
    "HTML labels": CSV.replace("Neutral", "<img src=x onerror=alert(1)>").encode(),
    "200 columns": "\n".join(
        ["text,label" + ",x" * 198, *(f'"{t}",{label}' + "," * 198 for t, label in ROWS)]
    ).encode(),
    "300,000 rows": b"".join(b"row %d of many,%d\n" % (i, i % 2) for i in range(300_000)),
    "half a surrogate pair": (CSV + "bad \ud83d text,Neutral\n").encode("utf-8", "surrogatepass"),
    "a damaged line": CSV.encode() + b"caf\xe9 noir,Neutral\n",
}


@pytest.mark.parametrize("name", READ)
def test_what_looks_hostile_is_read_in_seconds(name):
    start = time.process_time()
    labelled = read_labelled_file(READ[name], "a.csv")
    assert time.process_time() - start < 15
    report = labelled.report
    assert report.kept >= 85
    assert report.kept + sum(report.dropped.values()) == report.rows
    assert unpack_labelled(labelled.packed()) == (labelled.rows, ())
    assert SECRET not in " ".join((*report.notes, *report.warnings))


def test_a_long_text_is_kept_and_leaves_the_others_their_bins():
    report = read_labelled_file(READ["a cell of 10,000 words"], "a.csv").report
    assert (report.kept, report.lengths.longest) == (91, 10_000)
    assert report.length_bins[-1].high is None


def test_a_table_of_many_rows_is_drawn_from_and_says_so():
    for labels in ("ab", "a" * 3 + "b" * 3):
        rows = b"".join(
            b"%d words\t%s\n" % (i, labels[i % len(labels)].encode()) for i in range(60_000)
        )
        labelled = read_labelled_file(rows, "a.tsv")
        assert labelled.report.rows == labelled.report.kept == MOST_ROWS
        assert min(labelled.report.classes.values()) > 0.48 * MOST_ROWS
        assert "50,000 of 60,000 rows, drawn at random, are used" in labelled.report.notes[1]
        assert labelled.rows == read_labelled_file(rows, "a.tsv").rows


def test_a_thousand_rows_are_read_in_milliseconds():
    data = csv_table(BALANCED).encode()
    read_labelled_file(data, "a.csv")
    start = time.process_time()
    assert read_labelled_file(data, "a.csv").report.kept == 1_000
    assert time.process_time() - start < 0.2


def test_a_file_of_full_size_is_read_in_seconds():
    text = " ".join(f"word{i}" for i in range(55))
    data = csv_table([(f"{i} {text}", i % 2) for i in range(60_000)]).encode()[:MAX_BYTES]
    start = time.process_time()
    assert read_labelled_file(data, "a.csv").report.kept > 40_000
    assert time.process_time() - start < 12


def test_texts_without_spaces_are_read_by_character():
    rows = [(f"这部电影很好看非常喜欢{i}真的", i % 2) for i in range(100)]
    labelled = read_labelled_paste(csv_table(rows))
    assert labelled.rows[3][0] == "这 部 电 影 很 好 看 非 常 喜 欢 3 真 的"
    assert labelled.report.lengths.median == 15
    assert (
        "The texts have no spaces between words: each character is a word." in labelled.report.notes
    )


def warnings_of(rows, **how):
    return read_labelled_paste(csv_table(rows), **how).report.warnings


def test_balanced_rows_in_plenty_need_no_warning():
    assert warnings_of([(f"film number {i}", "01"[i % 2]) for i in range(4_000)]) == ()


def test_a_thousand_rows_tell_how_wide_their_interval_is():
    (warning,) = warnings_of(BALANCED)
    assert warning.startswith("A tenth of the rows, 100 texts, is tested at a time")
    assert "±10 points" in warning


@pytest.mark.parametrize(("tested", "points"), [(0, 50), (1, 44.5), (100, 9.6), (381, 5.0)])
def test_the_interval_of_a_test_is_that_of_wilson_at_one_half(tested, points):
    assert interval_points(tested) == pytest.approx(points, abs=0.05)


def test_a_small_class_and_a_large_one_are_warned_of():
    warnings = warnings_of([*BALANCED[::2], *[(f"rare {i}", "2") for i in range(7)]])
    assert warnings[0].startswith("Of 2 classes one class has fewer than 20 rows, the smallest 7:")
    assert warnings[1].startswith("98 % of the rows are of one class: who always answers it")


def test_labels_that_disagree_and_ragged_rows_are_warned_of():
    conflicts = [(f"film number {i}", "2") for i in range(100)]
    assert any(
        w.startswith("18 % of the rows have a text") for w in warnings_of(BALANCED + conflicts)
    )
    ragged = csv_table(BALANCED) + "a, b, c\n" * 200
    warnings = read_labelled_paste(ragged).report.warnings
    assert any(w.startswith("16 % of the rows have more or fewer cells") for w in warnings)


def test_rows_to_test_on_may_be_few_and_of_one_class():
    text = csv_table([("one film", "0"), ("two films", "0")])
    test = read_labelled_paste(text, to_test=True)
    assert test.report.warnings[0].startswith("All rows to test on have the same label")
    assert test.report.warnings[1].startswith("The rows to test on, 2 texts, tell an accuracy")
    with pytest.raises(TextError, match=f"2 of 2 rows can be used; at least {LEAST_ROWS}"):
        read_labelled_paste(text)


def test_a_second_text_is_what_is_tested():
    train = read_labelled_paste(csv_table(BALANCED))
    rows = [("new film", "0"), ("Film  number 3", "1"), ("strange", "2")]
    both = train.with_test(read_labelled_paste(csv_table(rows), to_test=True))
    assert both.rows == train.rows
    assert both.test_rows == tuple(rows[:2])
    assert both.report.warnings == ()
    report = both.test_report
    assert (report.kept, report.classes) == (2, {"0": 1, "1": 1})
    assert report.warnings[0].startswith("1 of 3 rows to test on have labels that no row")
    assert report.notes[-1].startswith("1 of the texts to test on also stand among")
    assert unpack_labelled(both.packed()) == (both.rows, both.test_rows)
    foreign = read_labelled_paste(csv_table([("a film", "good")]), to_test=True)
    with pytest.raises(TextError, match="No row to test on has a label that a row to train on has"):
        train.with_test(foreign)


def test_rows_may_be_for_testing_only():
    labelled = read_labelled_paste(CSV).as_test()
    assert (labelled.rows, labelled.test_rows) == ((), tuple(ROWS))
    assert unpack_labelled(labelled.packed()) == ((), tuple(ROWS))


@pytest.mark.parametrize(
    "line", ["", "a\tb", '["a"]', '["a", 1]', '["a", "b", "train"]', '{"a": "b"}', "[" * 99_999]
)
def test_a_text_that_was_not_packed_is_refused(line):
    with pytest.raises(TextError, match="Line 2 of the labelled texts is not a text and its label"):
        unpack_labelled(f'["a", "b"]\n{line}\n["c", "d"]')


def test_a_table_is_read_once_and_its_columns_chosen_often():
    table = read_table_paste(FORMS["a column of numbers"])
    assert (table.text_column, table.label_column) == ("review", "sentiment")
    assert label_rows(table).rows == tuple(ROWS)
    with pytest.raises(TextError, match="number 1, has 90 different numbers"):
        label_rows(table, "review", "id")
    assert label_rows(table).rows == tuple(ROWS)


@pytest.mark.parametrize("edits", [1, 10, 300])
@pytest.mark.parametrize("seed", range(20))
def test_a_damaged_file_is_read_or_refused(seed, edits):
    rng = random.Random(seed)
    data = bytearray(rng.choice([CSV, FORMS["tabs"], FORMS["JSON lines"]]).encode())
    signs = [b'"', b"\n", b"\t", b"\x00", b"\xff\xfe", b",", b"{", b"]"]
    for _ in range(edits):
        at = rng.randrange(len(data))
        data[at : at + rng.randrange(4)] = rng.choice(signs)
    try:
        labelled = read_labelled_file(bytes(data), "a.csv")
    except TextError as error:
        said, labelled = str(error), None
    else:
        report = labelled.report
        said = " ".join((*report.notes, *report.warnings))
        assert report.kept + sum(report.dropped.values()) == report.rows
        assert unpack_labelled(labelled.packed())[0] == labelled.rows
    assert SECRET not in said
    assert labelled or edits > 1
