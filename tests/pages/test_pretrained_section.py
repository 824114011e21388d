"""The form for a pretrained model, from the first look to the attention of another sentence."""

import sys

import pytest
from streamlit.testing.v1 import AppTest
from tiny_pretrained import save_marian, transformers_or_skip

PAGE = """
if __name__ == "__main__":  # the process that answers imports the page's script
    from pages.components.pretrained_section import pretrained_section

    pretrained_section()
"""


@pytest.fixture
def at(tmp_path):
    script = tmp_path / "page.py"
    script.write_text(PAGE, encoding="utf-8")
    return AppTest.from_file(script, default_timeout=120)


def ask(at, name, text):
    at.text_input(key="pretrained:name").set_value(name)
    at.text_area(key="pretrained:text").set_value(text)
    at.button[0].click().run()
    assert not at.exception
    return at


def test_without_the_package_one_sentence_says_how_to_get_it(at, monkeypatch):
    monkeypatch.setitem(sys.modules, "transformers", None)
    at.run()
    assert not at.exception
    assert not at.text_input
    assert "pip install -r requirements-pretrained.txt" in at.info[0].value


def test_the_first_look_asks_nothing_and_tells_what_a_download_is(at, engine):
    transformers_or_skip()
    at.run()
    assert not at.exception
    assert not at.dataframe
    assert at.checkbox(key="pretrained:download").value is False
    assert any("asks huggingface.co for it by name" in each.value for each in at.caption)


@pytest.mark.slow
def test_a_folder_translates_and_every_refusal_is_a_sentence(at, engine, tmp_path):
    transformers_or_skip()
    folder = save_marian(tmp_path / "marian")
    at.run()
    ask(at, str(folder), "the cat sat on the mat\tle chat est sur le tapis\na dog saw the cat")
    assert not at.error
    assert list(at.dataframe[0].value["source"]) == ["the cat sat on the mat", "a dog saw the cat"]
    headings = [each.value for each in at.markdown]
    assert "**BLEU against reference length**" in headings
    assert "**Attention: mean of all**" in headings
    at.selectbox(key="pretrained:sentence").select(1).run()
    at.selectbox(key="pretrained:map").select("layer 2, head 1").run()
    assert not at.exception
    assert not at.error
    assert "**Attention: layer 2, head 1**" in [each.value for each in at.markdown]

    ask(at, str(tmp_path / "gone"), "a dog")
    assert "There is no such folder" in at.error[0].value
    assert not at.dataframe
    ask(at, str(folder), "a\tb\tc")
    assert "Line 1 cannot be read" in at.error[0].value
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    ask(at, str(folder), "a dog")
    assert "only .bin ones" in at.error[0].value
