"""The exceptions this project raises, all under one root.

IvrError
├── SettingsError       the environment does not make a runnable line
├── BookError           a book has problems; it carries all of them
├── StoreError          the account store refused or could not be reached
│   └── ImportRefused   a file of accounts has bad rows; nothing was written
├── GatewayError        something beyond the network failed
│   ├── NotSent         the request never left: nothing happened there
│   └── NoAnswer        it left and nothing came back: the outcome is unknown
└── CallError           a call's state or event makes no sense
"""


class IvrError(Exception):
    """Root of every exception raised on purpose here; its text says what to do."""


class SettingsError(IvrError):
    """The environment does not make a runnable line."""


class BookError(IvrError):
    """A book has problems."""


class StoreError(IvrError):
    """The account store refused or could not be reached."""


class ImportRefused(StoreError):
    """A file of accounts has bad rows; nothing was written."""


class GatewayError(IvrError):
    """Something beyond the network failed."""


class NotSent(GatewayError):
    """The request never left, so nothing happened at the other end."""


class NoAnswer(GatewayError):
    """The request left and nothing came back: whether it took effect is unknown."""


class CallError(IvrError):
    """A call's state or event makes no sense."""
