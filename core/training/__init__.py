"""Training: events, live settings, clipping, and the loop as a generator."""
