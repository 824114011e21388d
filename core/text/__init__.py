"""Text: packaged corpora, uploads, vocabulary. No torch."""
