"""Data: generated tasks and language-model windows, in seeded batches."""
