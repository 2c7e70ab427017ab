from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine

from ivr.store.calls import add_book, book_sources, newest_book

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def test_a_book_that_is_taken_up_again_is_the_newest_and_keeps_its_sources(
    database: Engine,
) -> None:
    with database.begin() as connection:
        assert newest_book(connection) is None
        for hours, digest in enumerate(["first", "second", "first"]):
            add_book(connection, digest, f"{digest} at {hours}", NOON + timedelta(hours=hours))
        assert newest_book(connection) == "first"
        assert book_sources(connection, "first") == "first at 0"
