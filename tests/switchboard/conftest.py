import pytest
from sqlalchemy import Engine

from ivr.store.pins import hash_pin, set_pin
from tests.builders import account
from tests.line import CALLER, Line, line
from tests.switchboard.lines import SECONDS, with_times

PIN = "8642975"


@pytest.fixture
def whole(database: Engine, tmp_path_factory: pytest.TempPathFactory) -> Line:
    """A line on each kind of database that knows one caller, who owes 84.20 and has a PIN."""
    made = line(database, tmp_path_factory.mktemp("line"))
    with database.begin() as connection:
        dana = account(
            connection,
            "84.20",
            phone=CALLER,
            last_payment_cents=5000,
            last_payment_date=made.clock.now.date(),
        )
        set_pin(connection, dana, hash_pin(PIN, made.office.settings.pin_pepper))
    # Copies wait for each other however busy the machine is.
    return with_times(made, wait=SECONDS)
