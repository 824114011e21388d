"""Every error that a user can cause, in one tree.

SeqScopeError
├── ConfigError        a setting that is unknown or out of range
├── TextError          a text or an upload that cannot be used
├── DataMissingError   a data package is not installed, or its file was altered
├── DeviceError        a device was asked for that this machine does not have
├── PracticeError      progress, an interview or a file of progress cannot be kept or read
└── RunError           a run cannot be done, read or commanded
    ├── RunNotFound    no run has this id (any more)
    └── RunRefused     the pool takes no run now: the queue is full or it is closing

Pages catch `SeqScopeError` and nothing else. A message says what was given, what is allowed
and what to do next. It never quotes an uploaded text: it says line number and length.
"""


class SeqScopeError(Exception):
    """The root: its message is a sentence meant for the person at the screen."""


class ConfigError(SeqScopeError):
    """A setting is unknown or out of range."""


class TextError(SeqScopeError):
    """A text or an upload cannot be used."""


class DataMissingError(SeqScopeError):
    """A data package is not installed, or its file is not the one that was checked."""


class DeviceError(SeqScopeError):
    """The device that was asked for is not on this machine."""


class PracticeError(SeqScopeError):
    """Progress, an interview or a file of progress cannot be kept or read."""


class RunError(SeqScopeError):
    """A run cannot be done, read or commanded."""


class RunNotFound(RunError):  # noqa: N818  the name says it in the tree above
    """No run has this id, or it was removed by age or size."""


class RunRefused(RunError):  # noqa: N818
    """The pool takes no run now."""
