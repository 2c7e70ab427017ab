from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from ivr.store.engine import connect
from tests.builders import account
from tests.line import CALLER, line


@pytest.fixture
def postgresql(clean_postgresql_url: str) -> Engine:
    return connect(clean_postgresql_url)


def test_a_caller_does_not_notice_that_the_database_closed_the_connection(
    postgresql: Engine, tmp_path: Path
) -> None:
    with postgresql.begin() as connection:
        account(connection, "84.20", phone=CALLER)
    phone = line(postgresql, tmp_path).ring()
    _close_all_but_this(str(postgresql.url.render_as_string(hide_password=False)))
    phone.press("1")
    assert "You owe $84.20" in phone.text
    postgresql.dispose()


def _close_all_but_this(url: str) -> None:
    other = connect(url)
    with other.begin() as connection:
        closed = connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )
        assert closed.rowcount > 0
    other.dispose()
