"""Interview practice: cards, grading, spaced repetition, mock interviews, demos. No torch here."""
