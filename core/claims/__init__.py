"""Claims: what interview answers say, each with the experiment that decides it."""
