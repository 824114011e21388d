"""Labelled files on the command line: what is read of them, and what the settings then say."""

import pytest

from core.command_files import read_own_text, take_labelled_files
from core.errors import ConfigError, TextError
from core.text.labelled import unpack_labelled

ROWS = tuple((f"film number {i} was seen", ["bad", "good"][i % 2]) for i in range(40))
TEST = (("a new film", "good"),)


@pytest.fixture
def files(tmp_path):
    made = {}
    for name, rows in (("train", ROWS), ("test", TEST)):
        path = tmp_path / f"{name}.csv"
        path.write_text("text,label\n" + "\n".join(map(",".join, rows)), encoding="utf-8")
        made[name] = str(path)
    return made


def test_without_files_nothing_is_read_and_nothing_set():
    settings = {"source": "mr"}
    assert take_labelled_files(settings) is None
    assert settings == {"source": "mr"}


def test_a_file_to_train_on_is_the_source(files):
    settings = {"train": files["train"], "folds": "3"}
    assert unpack_labelled(take_labelled_files(settings)) == (ROWS, ())
    assert settings == {"source": "own", "folds": "3"}


def test_a_file_to_test_on_goes_with_it(files):
    settings = dict(files, source="own")
    assert unpack_labelled(take_labelled_files(settings)) == (ROWS, TEST)
    assert settings == {"source": "own"}


def test_models_of_a_built_in_source_are_tested_on_a_file(files):
    settings = {"test": files["test"], "source": "mr"}
    assert unpack_labelled(take_labelled_files(settings)) == ((), TEST)
    assert settings == {"source": "mr", "test_source": "own"}


@pytest.mark.parametrize(
    ("names", "settings", "said"),
    [
        (["test"], {}, "test is set and nothing to train on. Name your own file with train=FILE"),
        (["test"], {"source": "own"}, "test is set and nothing to train on"),
        (["train"], {"source": "imdb"}, "train names a file and source is 'imdb'; train on one"),
        (["train", "test"], {"test_source": "imdb"}, "test_source is 'imdb'; test on one of them"),
        (["test"], {"source": "imdb", "test_source": "mr"}, "test_source is 'mr'; test on one"),
    ],
)
def test_settings_that_contradict_a_file_are_refused(files, names, settings, said):
    with pytest.raises(ConfigError, match=said):
        take_labelled_files({**settings, **{name: files[name] for name in names}})


def test_a_missing_file_is_named_with_its_setting(tmp_path):
    with pytest.raises(ConfigError, match=r"no file .*gone\.csv; --set train wants a text file"):
        take_labelled_files({"train": str(tmp_path / "gone.csv")})


def test_a_file_that_cannot_be_used_says_why(files):
    with pytest.raises(TextError, match="1 of 1 row can be used; at least 20"):
        take_labelled_files({"train": files["test"]})


@pytest.mark.parametrize("kind", ["labelled", "pairs", "plain"])
def test_a_file_is_read_as_what_the_lab_reads(files, kind, tmp_path):
    path = tmp_path / "table.txt"
    path.write_text("\n".join(map("\t".join, ROWS)), encoding="utf-8")
    text = read_own_text(path, kind=kind)
    first = {"labelled": '["film number 0 was seen", "bad"]'}.get(
        kind, "film number 0 was seen\tbad"
    )
    assert text.split("\n")[0] == first
