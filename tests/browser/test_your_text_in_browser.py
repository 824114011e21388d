"""Ugly files through the real upload: a sentence or a result, and nothing of them comes alive."""

import pytest

MARKUP = (
    "<script>alert(1)</script><img src=x onerror=alert(2)><b id=alive>bold</b>"
    "<svg onload=alert(3)></svg> [link](javascript:alert(4))\n"
) * 10


@pytest.fixture
def tab(server, browser):
    tab = browser.open(f"{server.url}/your-text")
    tab.get_by_role("radio", name="Upload").click()
    tab.locator("input[type=file]").wait_for(state="attached")
    return tab


def upload(tab, content, name="mine.txt"):
    file = {"name": name, "mimeType": "text/plain", "buffer": content}
    tab.locator("input[type=file]").set_input_files(file)


def metrics(tab):
    tab.locator("[data-testid=stMetric]").first.wait_for()
    return [metric.inner_text() for metric in tab.locator("[data-testid=stMetric]").all()]


def test_a_file_of_25_mb_is_refused_in_a_sentence(tab, tmp_path):
    large = tmp_path / "large.txt"
    large.write_bytes(b"a b\n" * 6_250_000)
    tab.locator("input[type=file]").set_input_files(large)
    tab.get_by_text("File must be 20.0MB or smaller.").wait_for()
    assert tab.locator("[data-testid=stMetric]").count() == 0
    assert tab.locator("[data-testid=stException]").count() == 0


def test_a_file_in_utf16_is_read_and_its_encoding_shown(tab):
    upload(tab, ("The evening and the morning – Ω.\n" * 20).encode("utf-16"))
    assert "utf-16-le" in metrics(tab)[4]


def test_a_file_that_is_no_text_is_refused_in_a_sentence(tab):
    upload(tab, b"%PDF-1.7 " + bytes(range(256)) * 10)
    tab.get_by_text("The file is a PDF document, not plain text.").wait_for()


def test_markup_in_a_file_or_its_name_never_comes_alive(tab):
    upload(tab, MARKUP.encode(), "<img src=x onerror=alert(5)>.txt")
    assert metrics(tab)
    assert_nothing_lives(tab)


def test_markup_that_is_pasted_never_comes_alive(tab):
    tab.get_by_role("radio", name="Paste").click()
    tab.get_by_role("textbox", name="Text").fill(MARKUP)
    tab.get_by_role("button", name="Use this text").click()
    assert metrics(tab)
    assert_nothing_lives(tab)


def assert_nothing_lives(tab):
    tab.wait_for_timeout(500)
    assert tab.locator("#alive, img[src=x], svg[onload], a[href^=javascript]").count() == 0
    scripts = "[...document.scripts].filter(script => script.text.includes('alert(')).length"
    assert tab.evaluate(scripts) == 0


def test_a_lab_is_opened_on_the_text_and_its_run_can_be_deleted_after_a_question(tab):
    upload(tab, b"The evening and the morning were the first day.\n" * 40)
    tab.get_by_role("button", name="Train on it in Clipping").click()
    tab.wait_for_url("**/clipping*")
    tab.get_by_text("Your text: ").first.wait_for()
    tab.get_by_role("button", name="Train the twins").click()
    tab.wait_for_url("**/clipping?run=*")
    tab.get_by_text("Done").first.wait_for()
    tab.get_by_role("link", name="Runs").click()
    tab.get_by_text("your text, window 50").wait_for()
    tab.locator("[class*=st-key-delete] button").first.click()
    tab.get_by_role("dialog").get_by_role("button", name="Delete").click()
    tab.get_by_text("No runs yet").wait_for()
    assert tab.get_by_role("dialog").count() == 0
