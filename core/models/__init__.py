"""Models: the catalogue by name, initialization, and the one builder."""
