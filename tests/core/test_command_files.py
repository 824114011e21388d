"""Own files on the command line of the translation lab."""

import json

import pytest

from core.__main__ import main

NUMBERS = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
CHIFFRES = ["un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix"]
SMALL = ["hidden=16", "updates=3", "longest=12", "buckets=5,10", "looks=1", "models=attention"]
SMALL += ["test_pairs=2", "final_pairs=8"]


def sentences(words, count, first=0):
    return [
        " ".join(words[(i + k * (1 + i // 10)) % 10] for k in range(3 + i % 5))
        for i in range(first, first + count)
    ]


@pytest.fixture
def files(tmp_path):
    made = {}
    for name, words, count, first in (
        ("source", NUMBERS, 60, 0),
        ("target", CHIFFRES, 60, 0),
        ("test_source", NUMBERS, 8, 70),
        ("test_target", CHIFFRES, 8, 70),
    ):
        path = tmp_path / f"{name}.txt"
        path.write_text("\n".join(sentences(words, count, first)), encoding="utf-8")
        made[name] = path
    return made


def ask(capsys, *settings, more=()):
    status = main(["translation", "--set", *SMALL, *settings, *more])
    said = capsys.readouterr()
    return status, json.loads(said.out) if said.out else None, said.err


def test_two_files_are_learned_and_part_of_them_tested(capsys, files):
    named = [f"{name}={files[name]}" for name in ("source", "target")]
    status, result, _ = ask(capsys, *named)
    assert status == 0
    assert "task=own" in result["signature"]
    assert sum(result["results"][0]["n"].values()) > 0


def test_a_test_of_its_own_is_what_is_tested(capsys, files):
    status, result, _ = ask(capsys, *(f"{name}={path}" for name, path in files.items()))
    assert status == 0
    assert sum(result["results"][0]["n"].values()) == 8


def test_a_table_of_two_columns_is_a_text_too(capsys, tmp_path):
    table = tmp_path / "pairs.tsv"
    rows = zip(sentences(NUMBERS, 60), sentences(CHIFFRES, 60), strict=True)
    table.write_text("\n".join(map("\t".join, rows)), encoding="utf-8")
    status, result, _ = ask(capsys, more=["--text", str(table)])
    assert status == 0
    assert "task=own" in result["signature"]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["source"], "target is not set; source and target go together"),
        (["source", "target", "test_target"], "test_source is not set"),
        (["test_source", "test_target"], "a test needs pairs to train on"),
    ],
)
def test_half_a_pair_of_files_is_refused(capsys, files, given, said):
    status, _, error = ask(capsys, *(f"{name}={files[name]}" for name in given))
    assert status == 2
    assert said in error


def test_a_missing_file_is_named(capsys, files, tmp_path):
    gone = tmp_path / "gone.txt"
    status, _, error = ask(capsys, f"source={files['source']}", f"target={gone}")
    assert status == 2
    assert f"There is no file {gone}" in error


def test_unequal_files_are_refused_with_both_counts(capsys, files):
    files["target"].write_text("un\ndeux\n", encoding="utf-8")
    named = [f"{name}={files[name]}" for name in ("source", "target")]
    status, _, error = ask(capsys, *named)
    assert status == 2
    assert "60 lines" in error


def test_files_and_a_text_at_once_are_refused(capsys, files):
    named = [f"{name}={files[name]}" for name in ("source", "target")]
    status, _, error = ask(capsys, *named, more=["--text", str(files["source"])])
    assert status == 2
    assert "give one of them" in error
