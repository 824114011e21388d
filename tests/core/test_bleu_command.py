import json
import subprocess
import sys
from pathlib import Path

import pytest
import sacrebleu

from core.__main__ import main

HYPOTHESES = ["The cat sat on the mat.", "It is, isn't it?", "", "A very long one, it is not."]
REFERENCES = ["The cat sat on a mat.", "It is, is it not?", "Nothing?", "A long one it is not."]


@pytest.fixture
def score(tmp_path, capsys):
    """Write two files, score them; return the exit status, the JSON (or None) and stderr."""

    def score(*options, hypotheses=HYPOTHESES, references=REFERENCES):
        paths = []
        for name, content in (("hypotheses", hypotheses), ("references", references)):
            path = tmp_path / f"{name}.txt"
            if isinstance(content, list):
                path.write_bytes("".join(f"{line}\n" for line in content).encode())
            elif content is not None:
                path.write_bytes(content)
            paths += [f"--{name}", str(path)]
        status = main(["bleu", *paths, *options])
        out, err = capsys.readouterr()
        return status, json.loads(out) if out else None, err

    return score


@pytest.mark.parametrize("tokenize", ["13a", "none", "char", "intl"])
def test_two_files_are_scored_as_sacrebleu_scores_them(score, tokenize):
    status, result, told = score("--tokenize", tokenize)
    theirs = sacrebleu.corpus_bleu(HYPOTHESES, [REFERENCES], tokenize=tokenize)
    assert (status, told) == (0, "")
    assert result["overall"]["bleu"] == pytest.approx(theirs.score, abs=1e-9)
    assert result["overall"]["brevity_penalty"] == pytest.approx(theirs.bp, abs=1e-9)
    assert f"|tok:{tokenize}|" in result["signature"]


def test_without_a_tokenizer_it_is_the_one_of_sacrebleu(score):
    assert "|tok:13a|" in score()[1]["signature"]


def test_each_bucket_is_scored_by_the_length_of_its_references(score):
    _, result, _ = score("--buckets", "2,6,30", "--tokenize", "none")
    assert {name: row["n"] for name, row in result["buckets"].items()} == {"2": 1, "6": 3, "30": 0}
    middle, last = result["buckets"]["6"], result["buckets"]["30"]
    theirs = [sentences[:2] + sentences[3:] for sentences in (HYPOTHESES, REFERENCES)]
    expected = sacrebleu.corpus_bleu(theirs[0], [theirs[1]], tokenize="none", force=True).score
    assert middle["bleu"] == pytest.approx(expected, abs=1e-9)
    assert (middle["low_length"], middle["high_length"], middle["reliable"]) == (5, 18, False)
    assert middle["low"] <= middle["bleu"] <= middle["high"]
    assert (last["bleu"], last["high_length"]) == (None, None)


def test_windows_line_ends_a_byte_order_mark_and_odd_separators_change_nothing(score):
    odd = [line.replace("sat", "sat\u2028") for line in HYPOTHESES]
    windows = b"\xef\xbb\xbf" + "\r\n".join(odd).encode()
    _, plain, _ = score(hypotheses=odd)
    status, result, _ = score(hypotheses=windows)
    assert (status, result) == (0, plain)
    assert plain["overall"]["n"] == 4


def test_the_seed_moves_the_intervals_only(score):
    one, again, other = (score("--seed", seed)[1]["overall"] for seed in ("0", "0", "5"))
    assert one == again
    assert (one["bleu"], one["n"]) == (other["bleu"], other["n"])
    assert (one["low"], one["high"]) != (other["low"], other["high"])


@pytest.mark.parametrize(
    ("files", "options", "message"),
    [
        ({"references": REFERENCES[:3]}, [], "There are 4 hypotheses and 3 references"),
        ({"hypotheses": None}, [], "hypotheses.txt; --hypotheses wants a text file"),
        ({"references": None}, [], "references.txt; --references wants a text file"),
        ({"references": b""}, [], "references.txt is empty; --references wants a sentence a line"),
        ({"hypotheses": b"fine\nsecret \xff\n"}, [], "is not in UTF-8: line 2 has bytes"),
        ({"hypotheses": "a\n".encode("utf-16")}, [], "is not in UTF-8: line 1 has bytes"),
        ({}, ["--tokenize", "moses"], "no tokenizer 'moses'; choose from none, 13a"),
        ({}, ["--tokenize", "flores200"], "'flores200' would download a model"),
        ({}, ["--buckets", "10,ten"], "--buckets got '10,ten'; it wants lengths, as 10,25,50"),
        ({}, ["--buckets", "25,10"], "lengths in rising order"),
        ({}, ["--buckets", "0,10"], "the shortest is 1 word"),
    ],
)
def test_what_cannot_be_scored_exits_with_2_and_says_what_is_wanted(score, files, options, message):
    status, result, told = score(*options, **files)
    assert (status, result) == (2, None)
    assert told.startswith("seqscope: ")
    assert message in told
    assert "secret" not in told


def test_a_folder_cannot_be_scored(capsys, tmp_path):
    assert main(["bleu", "--hypotheses", str(tmp_path), "--references", str(tmp_path)]) == 2
    assert "cannot be read: Is a directory" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--hypotheses", "a.txt"], "required: --references"),
        (["--hypotheses", "a", "--references", "b", "--seed", "-1"], "--seed"),
        (["--hypotheses", "a", "--references", "b", "--seed", "x"], "x is not a whole number"),
    ],
)
def test_a_command_that_makes_no_sense_exits_with_2(capsys, arguments, message):
    with pytest.raises(SystemExit) as stopped:
        main(["bleu", *arguments])
    assert stopped.value.code == 2
    assert message in capsys.readouterr().err


def test_scoring_files_needs_no_torch(tmp_path):
    path = tmp_path / "same.txt"
    path.write_text("one two three four five\n", encoding="utf-8")
    code = (
        "import sys; from core.__main__ import main\n"
        "status = main(['bleu', '--hypotheses', sys.argv[1], '--references', sys.argv[1]])\n"
        "assert status == 0 and 'torch' not in sys.modules\n"
    )
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)], cwd=root, capture_output=True, check=True
    )
    assert json.loads(done.stdout)["overall"]["bleu"] == pytest.approx(100)
