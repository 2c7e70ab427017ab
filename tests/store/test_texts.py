from typing import Any

import pytest
from sqlalchemy import Engine, insert, select

from ivr.store.tables import reports
from ivr.store.texts import want
from tests.builders import NOW, account

FIRST, SECOND = "+12025550142", "+12025550143"


@pytest.mark.parametrize(
    ("values", "text_to"),
    [({}, SECOND), ({"text_to": FIRST}, FIRST), ({"closed_at": NOW}, None)],
)
def test_an_open_report_takes_one_number_to_text(
    database: Engine, values: dict[str, Any], text_to: str | None
) -> None:
    row = {"reference": "517220", "service": "tv", "call_sid": "CA1", "turn": 1}
    with database.begin() as connection:
        filed = insert(reports).values(
            account_id=account(connection), created_at=NOW, last_touch_at=NOW, **row, **values
        )
        report = connection.execute(filed.returning(reports.c.id)).scalar_one()
        assert want(connection, report, SECOND) is (text_to == SECOND)
        assert connection.scalar(select(reports.c.text_to)) == text_to
