"""The carrier a worker sends texts through and asks about calls."""

from tests.gateways.conftest import carrier, client, settings

__all__ = ["carrier", "client", "settings"]
