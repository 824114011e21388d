"""SeqScope's front door: page config and navigation, nothing else."""

# A worker process imports this file as "__mp_main__": the guard keeps the page out of it.
if __name__ == "__main__":
    import streamlit as st
    from streamlit.runtime.scriptrunner import get_script_run_ctx

    if get_script_run_ctx(suppress_warning=True) is None:  # python app.py
        from pages.components.server import serve

        serve(__file__)

    from pages.components.cache import engine
    from pages.components.live_chart import quiet_styles
    from pages.components.visitor import recognise_visitor, remember_visitor

    st.set_page_config(
        page_title="SeqScope",
        page_icon="pages/components/assets/seqscope.svg",
        layout="wide",
        initial_sidebar_state=230,
    )
    page = st.navigation(
        {
            "": [
                st.Page(
                    "pages/start/home.py",
                    title="Start",
                    icon=":material/home:",
                    url_path="start",
                    default=True,
                )
            ],
            "Labs": [
                st.Page(
                    "pages/labs/gradient_flow.py",
                    title="Gradient flow",
                    icon=":material/waves:",
                    url_path="gradient-flow",
                ),
                st.Page(
                    "pages/labs/clipping.py",
                    title="Clipping",
                    icon=":material/content_cut:",
                    url_path="clipping",
                ),
                st.Page(
                    "pages/labs/translation.py",
                    title="Translation",
                    icon=":material/translate:",
                    url_path="translation",
                ),
                st.Page(
                    "pages/labs/sentiment.py",
                    title="Sentiment",
                    icon=":material/thumbs_up_down:",
                    url_path="sentiment",
                ),
                st.Page(
                    "pages/labs/length.py",
                    title="Length",
                    icon=":material/straighten:",
                    url_path="length",
                ),
                st.Page(
                    "pages/labs/serving.py",
                    title="Serving",
                    icon=":material/speed:",
                    url_path="serving",
                ),
            ],
            "Practice": [
                st.Page(
                    "pages/practice/study.py",
                    title="Study",
                    icon=":material/school:",
                    url_path="study",
                ),
                st.Page(
                    "pages/practice/mock_interview.py",
                    title="Mock interview",
                    icon=":material/record_voice_over:",
                    url_path="mock-interview",
                ),
                st.Page(
                    "pages/practice/trap_round.py",
                    title="True or trap?",
                    icon=":material/help:",
                    url_path="trap-round",
                ),
                st.Page(
                    "pages/practice/cards.py",
                    title="Cards",
                    icon=":material/style:",
                    url_path="cards",
                ),
                st.Page(
                    "pages/practice/claim_checker.py",
                    title="Claim checker",
                    icon=":material/fact_check:",
                    url_path="claim-checker",
                ),
                st.Page(
                    "pages/practice/guided_demos.py",
                    title="Guided demos",
                    icon=":material/slideshow:",
                    url_path="guided-demos",
                ),
                st.Page(
                    "pages/practice/progress.py",
                    title="Progress",
                    icon=":material/insights:",
                    url_path="progress",
                ),
            ],
            "Yours": [
                st.Page(
                    "pages/text/your_text.py",
                    title="Your text",
                    icon=":material/description:",
                    url_path="your-text",
                ),
                st.Page(
                    "pages/runs/all_runs.py",
                    title="Runs",
                    icon=":material/history:",
                    url_path="runs",
                ),
            ],
        }
    )
    quiet_styles()
    engine()
    recognise_visitor()
    page.run()
    remember_visitor()
