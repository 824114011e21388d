"""Diagnostics: quantities of a model, as tables."""
