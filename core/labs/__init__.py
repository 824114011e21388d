"""Labs: what is set in each, and its generator of events."""
