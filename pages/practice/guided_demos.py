"""How do I show it in ninety seconds?"""

import streamlit as st

from core.errors import ConfigError
from core.practice.demo import find_demo
from pages.components.demo_link import place
from pages.components.demo_list import demo_list
from pages.components.demo_view import demo_page

here = place()
demo = None
if here.demo is not None:
    try:
        demo = find_demo(here.demo)
    except ConfigError as error:
        st.warning(f"{error}", icon=":material/link_off:")
if demo is None:
    demo_list()
else:
    demo_page(demo, here)
