"""From a model to words: greedy and beam search."""
