"""SeqScope's computation: everything that is computed, nothing that is drawn."""

__version__ = "0.1.0"
