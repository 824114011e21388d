"""Ratios against plain PyTorch and against what a user would write, in one process each."""
