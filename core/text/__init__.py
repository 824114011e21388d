"""Texts that come with the packages, uploads, and character vocabularies. No torch here."""
