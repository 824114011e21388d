import pytest
from lab_runs import OWN_TEXT, classify, clip, flow, translate


@pytest.fixture
def flow_run():
    return flow


@pytest.fixture
def clip_run():
    return clip


@pytest.fixture
def translation_run():
    return translate


@pytest.fixture
def sentiment_run():
    return classify


@pytest.fixture
def own_text():
    return OWN_TEXT
