"""A visitor's own text, however ugly: a result or a sentence, and never the text where it hurts."""

import json
import re

import pytest

from core.text.uploads import MAX_BYTES

YOURS = "pages/text/your_text.py"
SECRET = "zqxjkv"
"""In every text below that is long enough: by it we know the text wherever it turns up."""

PLAIN = f"The evening and the morning were {SECRET}. " * 20
MARKUP = (
    f"<script>alert('{SECRET}')</script><img src=x onerror=alert('{SECRET}')><b>{SECRET}</b>"
    f"<iframe srcdoc='<script>{SECRET}</script>'></iframe> [{SECRET}](javascript:alert(1)) "
    f"$\\href{{javascript:{SECRET}}}{{x}}$ :red[{SECRET}] `{SECRET}`\n"
) * 5
EMOJI = f"👩‍👩‍👧‍👦🏳️‍🌈é́ \u202e{SECRET}\u202c שלום עולם، مرحبا بالعالم 한국어 𝔘𝔫𝔦𝔠𝔬𝔡𝔢\n" * 10
GOOD = {
    "plain": PLAIN,
    "some NUL": PLAIN + "\x00" * 5,
    "emoji and right-to-left": EMOJI,
    "HTML and scripts": MARKUP,
    "10 MB on one line": f"{SECRET} " * 1_430_000,
    "Windows line ends": PLAIN.replace(". ", ".\r\n"),
    "formulas for a spreadsheet": f'=cmd|"/c {SECRET}"!A1\n+1+1\n@SUM(1)\n' * 20,
    "format strings": f"{{0.__class__}} %s %(name)s {{{SECRET}}} ${{jndi:ldap://{SECRET}}}\n" * 10,
}
BAD = {
    "nothing": "",
    "spaces": " \n\t" * 100,
    "one character": "a",
    "one character 300 times": "a" * 300,
    "NUL throughout": f"\x00\x00{SECRET}" * 100,
    "too short": SECRET,
    "25 MB": f"{SECRET} " * 3_600_000,
}
GOOD_FILES = {
    **{name: text.encode() for name, text in GOOD.items()},
    "latin-1": ("Déjà vu, à côté de l'été: " + PLAIN).encode("latin-1"),
    "UTF-16": PLAIN.encode("utf-16"),
    "UTF-16 without a mark": PLAIN.encode("utf-16-be"),
    "damaged UTF-8": PLAIN.encode() * 5 + b"\xff\xfe\xc3",
    "half a surrogate pair": (PLAIN + "\ud83d").encode("utf-8", "surrogatepass"),
}
BAD_FILES = {
    **{name: text.encode() for name, text in BAD.items()},
    "a PDF": b"%PDF-1.7 " + SECRET.encode() * 100,
    "bytes": bytes(range(256)) * 40,
    "a mark and nothing else": b"\xff\xfe",
}
NAMES = ["notes.md", "NOTES.TXT", f"<img src=x onerror=alert('{SECRET}')>.txt", "../../a.txt"]


@pytest.fixture
def page(visit, caplog):
    """The page Your text; whatever is logged from here on must not hold the text."""
    at = visit(YOURS)
    caplog.clear()
    caplog.set_level(0)
    yield at
    assert not at.exception
    assert SECRET not in caplog.text
    assert [html for html in raw_html(at) if SECRET in html] == []


def paste(at, text):
    at.text_area(key="text_page:pasted").set_value(text)
    return next(button for button in at.button if button.label == "Use this text").click().run()


def upload(at, content, name="mine.txt", kind="text/plain"):
    at.segmented_control(key="text_page:how").set_value("Upload").run()
    return at.file_uploader(key="text_page:file").upload(name, content, kind).run()


@pytest.mark.parametrize("name", GOOD)
def test_a_pasted_text_is_read_and_its_report_shown(page, name):
    assert_is_read(paste(page, GOOD[name]))
    assert said_nowhere(page)


@pytest.mark.parametrize("name", BAD)
def test_a_pasted_text_that_cannot_be_used_is_refused_in_a_sentence(page, name):
    assert_is_refused(paste(page, BAD[name]))
    assert said_nowhere(page)


@pytest.mark.parametrize("name", GOOD_FILES)
def test_an_uploaded_file_is_read_and_its_report_shown(page, name):
    assert_is_read(upload(page, GOOD_FILES[name]))
    assert said_nowhere(page)


@pytest.mark.parametrize("name", BAD_FILES)
def test_an_uploaded_file_that_cannot_be_used_is_refused_in_a_sentence(page, name):
    assert_is_refused(upload(page, BAD_FILES[name]))
    assert said_nowhere(page)


@pytest.mark.parametrize("name", NAMES)
def test_a_file_may_have_any_name_that_ends_as_it_should(page, name):
    assert_is_read(upload(page, PLAIN.encode(), name))
    assert said_nowhere(page)


@pytest.mark.parametrize(("encoded", "encoding"), [("utf-16", "utf-16-le"), ("latin-1", "cp1252")])
def test_the_report_names_the_encoding_that_was_found(page, encoded, encoding):
    text = "Déjà vu, à côté de l'été: ".encode(encoded) if encoded == "latin-1" else b""
    upload(page, text + PLAIN.encode(encoded) if text else PLAIN.encode(encoded))
    assert page.metric[4].value == encoding


def test_an_upload_over_the_limit_says_both_sizes(page):
    upload(page, b"a b\n" * 6_250_000)
    assert [text.value for text in page.error] == [
        f"The file is 25 MB; the limit is {MAX_BYTES // 1_000_000} MB. Upload an excerpt instead."
    ]


def test_a_refused_text_leaves_the_one_before_it(page):
    assert_is_read(paste(page, PLAIN))
    kept = page.metric[0].value
    paste(page, "too short")
    assert len(page.error) == 1
    assert [text.value for text in page.info] == ["Still in use: the text from before."]
    assert page.metric[0].value == kept
    upload(page, b"too short")
    assert len(page.error) == len(page.info) == 1
    assert page.metric[0].value == kept
    upload(page, PLAIN.encode() * 2)
    assert not page.info


def test_a_paste_is_still_there_after_a_look_at_upload(page):
    paste(page, PLAIN)
    assert page.metric[4].value == "pasted"
    page.segmented_control(key="text_page:how").set_value("Upload").run()
    page.segmented_control(key="text_page:how").set_value("Paste").run()
    assert page.text_area(key="text_page:pasted").value == PLAIN


@pytest.mark.parametrize("lab", ["gradient-flow", "clipping"])
def test_a_lab_is_opened_on_the_text_not_on_the_run_from_before(page, engine, lab):
    script = f"pages/labs/{lab.replace('-', '_')}.py"
    page.switch_page(script).run()
    page.number_input(key=f"{lab}.updates").set_value(12)
    page.slider(key=f"{lab}.hidden").set_value(16)
    if lab == "gradient-flow":
        page.toggle(key=f"{lab}.bidirectional").set_value(True)
    page.button(key="train").click().run()
    assert engine.pool.wait(page.query_params["run"], 120) == "done"
    page.switch_page(YOURS).run()
    paste(page, PLAIN * 3)
    page.button(key=f"own_in_{lab.replace('-', '_')}").click().run()
    page.switch_page(script).run()  # AppTest leaves st.switch_page to the browser
    for _ in range(2):
        assert "run" not in page.query_params
        assert page.selectbox(key=f"{lab}.corpus").value == "own"
        assert page.slider(key=f"{lab}.hidden").value == 16
        if lab == "gradient-flow":
            assert page.selectbox(key=f"{lab}.task").value == "language-model"
        assert not page.error
        assert not page.button(key="train").disabled
        page.run()


def test_a_text_can_be_forgotten(page):
    paste(page, PLAIN)
    page.button(key="text_page:forget").click().run()
    assert not page.metric
    assert page.session_state["own_text"] is None
    assert page.text_area(key="text_page:pasted").value == ""


@pytest.mark.parametrize("name", ["HTML and scripts", "emoji and right-to-left", "some NUL"])
def test_a_model_trains_on_an_ugly_text_and_its_charts_are_drawn(page, engine, name):
    paste(page, GOOD[name] * 3)
    page.switch_page("pages/labs/clipping.py").run()
    page.selectbox(key="clipping.corpus").set_value("own")
    page.number_input(key="clipping.updates").set_value(12)
    page.slider(key="clipping.hidden").set_value(16)
    page.button(key="train").click().run()
    run_id = page.query_params["run"]
    assert engine.pool.wait(run_id, 120) == "done"
    page.run()
    assert not page.error
    assert said_nowhere(page)


def test_the_gates_are_read_over_an_ugly_text_that_is_typed(page, engine):
    typed = f"<script>alert('{SECRET}')</script> \x00 👩‍👩‍👧 \u202e $x$ {{0}} %s"
    paste(page, MARKUP * 3)
    page.switch_page("pages/labs/gradient_flow.py").run()
    page.selectbox(key="gradient-flow.task").set_value("language-model").run()
    page.selectbox(key="gradient-flow.corpus").set_value("own")
    page.slider(key="gradient-flow.lag").set_value(10)
    page.slider(key="gradient-flow.hidden").set_value(16)
    page.number_input(key="gradient-flow.updates").set_value(12)
    page.text_input(key="gradient-flow.probe_text").set_value(typed)
    page.button(key="train").click().run()
    assert engine.pool.wait(page.query_params["run"], 120) == "done"
    page.run()
    assert not page.error
    page.text_input(key="read_text").set_value(typed).run()
    assert not page.error
    page.text_input(key="read_text").set_value("").run()
    assert not page.exception


def assert_is_read(at):
    assert not at.exception
    assert not at.error
    assert [metric.label for metric in at.metric] == [
        "Characters kept",
        "Dropped",
        "Lines",
        "Different characters",
        "Encoding",
    ]
    assert int(at.metric[0].value.replace(",", "")) >= 200


def assert_is_refused(at):
    assert not at.exception
    assert not at.metric
    assert len(at.error) == 1
    assert re.fullmatch(r"The (file|pasted text) .{20,250}\.", at.error[0].value)


def elements(at):
    nodes = [at.main, at.sidebar]
    while nodes:
        node = nodes.pop()
        nodes += getattr(node, "children", {}).values()
        if hasattr(node, "proto") and not getattr(node, "children", {}):
            yield node


def raw_html(at):
    """Everything on the page that a browser would take as HTML."""
    for element in elements(at):
        if getattr(element.proto, "allow_html", False) or element.type in ("html", "iframe"):
            yield str(getattr(element.proto, "body", element.proto))


def said_nowhere(at):
    """Whether the text is on no part of the page but where it was typed, and in pictures as data.

    Markdown is safe in a browser, but a message that quotes a text may be copied into a log.
    """
    typed = ("text_area", "text_input", "code", "bidi_component", "arrow_data_frame")
    spoken = [str(element.proto) for element in elements(at) if element.type not in typed]
    return SECRET not in json.dumps(spoken)
