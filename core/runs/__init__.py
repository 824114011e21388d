"""Runs: the folder, its reader, the pool of workers and the worker."""
