"""The factory: which book a line starts on, and what it refuses to start without."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Engine

from ivr.app import create_app, create_office
from ivr.config import Settings
from ivr.errors import BookError
from ivr.store import calls
from tests.line import MONDAY_NOON, ROOT, SHIPPED, settings


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the shipped book."""
    copy = tmp_path / "book"
    for name in ("menus", "prompts"):
        shutil.copytree(ROOT / name, copy / name)
    shutil.copy(ROOT / "flows.yaml", copy / "flows.yaml")
    return copy


@pytest.fixture
def chosen(sqlite_url: str, tmp_path: Path, folder: Path) -> Settings:
    return replace(settings(sqlite_url, tmp_path), book=folder)


def break_book(folder: Path) -> None:
    (folder / "flows.yaml").write_text("version: 2\n")


def test_a_line_starts_on_the_book_in_its_folder(chosen: Settings) -> None:
    office = create_office(chosen)
    assert office.books.current.digest == SHIPPED.digest
    assert office.now().tzinfo is not None
    assert office.new_id() != office.new_id()
    app = create_app(chosen, office)
    assert app.extensions["ivr"] is office
    office.engine.dispose()


def test_the_book_is_stored_before_the_first_call(
    chosen: Settings, sqlite_database: Engine
) -> None:
    create_office(chosen).engine.dispose()
    with sqlite_database.connect() as connection:
        assert calls.newest_book(connection) == SHIPPED.digest


def test_a_line_starts_without_a_database_and_waits_for_one(
    chosen: Settings, tmp_path: Path
) -> None:
    office = create_office(replace(chosen, database_url=f"sqlite:///{tmp_path}/empty.db"))
    assert create_app(chosen, office).test_client().get("/readyz").status_code == 503
    office.engine.dispose()


def test_an_app_makes_its_own_office(chosen: Settings) -> None:
    app = create_app(chosen)
    assert app.test_client().get("/readyz").status_code == 200
    app.extensions["ivr"].engine.dispose()


def test_a_broken_book_leaves_the_line_on_the_one_taken_up_last(
    chosen: Settings, folder: Path, sqlite_database: Engine
) -> None:
    sources = json.dumps(dict(SHIPPED.sources))
    with sqlite_database.begin() as connection:
        calls.add_book(connection, SHIPPED.digest, sources, MONDAY_NOON)
    break_book(folder)
    office = create_office(chosen)
    assert office.books.current.digest == SHIPPED.digest
    office.engine.dispose()


def test_a_broken_book_and_none_before_it_is_what_the_line_says(
    chosen: Settings, folder: Path
) -> None:
    break_book(folder)
    with pytest.raises(BookError, match="the book has"):
        create_office(chosen)


def test_a_broken_book_is_told_of_where_the_one_before_it_is_of_another_version(
    chosen: Settings, folder: Path, sqlite_database: Engine
) -> None:
    with sqlite_database.begin() as connection:
        calls.add_book(connection, "0" * 64, json.dumps({"flows.yaml": "- odd"}), MONDAY_NOON)
    break_book(folder)
    with pytest.raises(BookError, match="missing-key"):
        create_office(chosen)


def test_a_broken_book_is_told_of_even_where_there_is_no_database(
    chosen: Settings, folder: Path, tmp_path: Path
) -> None:
    break_book(folder)
    with pytest.raises(BookError, match="the book has"):
        create_office(replace(chosen, database_url=f"sqlite:///{tmp_path}/empty.db"))
