"""What others printed about BLEU and length, beside one's own curves."""

import pandas as pd
import streamlit as st

from core.metrics.published import FINDINGS, SCORES


def published_section() -> None:
    """Show published scores and findings, each with its source."""
    with st.expander("Beside the papers", icon=":material/menu_book:", key="published"):
        st.caption("Other data, other models, other tokens: compare the shape, never the height.")
        for each in FINDINGS:
            st.markdown(f"- {each.finding} *{each.citation}*")
        st.dataframe(
            pd.DataFrame(
                [
                    {
                        "System": score.system,
                        "Attention": score.has_attention,
                        "Data": score.data,
                        "BLEU": score.bleu,
                        "Without unknown words": score.bleu_known,
                        "Perplexity": score.perplexity,
                        "Source": score.citation,
                    }
                    for score in SCORES
                ]
            ),
            hide_index=True,
        )
