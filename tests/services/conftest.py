"""Services called by themselves keep to what they declare, too, or their test fails."""

import sys

import pytest

from ivr.services.context import Remote
from ivr.services.table import SERVICES
from tests.services.contract import KEPT


@pytest.fixture(autouse=True)
def _contract(monkeypatch: pytest.MonkeyPatch) -> None:
    """Puts the checking service in place of each one, in the module that has it."""
    for name, entry in SERVICES.items():
        work = entry.run.settle if isinstance(entry.run, Remote) else entry.run
        module = sys.modules[work.__module__]
        for attribute, value in list(vars(module).items()):
            if value is entry.run:
                monkeypatch.setattr(module, attribute, KEPT[name].run)
