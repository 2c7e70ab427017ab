"""The application factory: the one place where a line's parts are put together."""

import json
import logging
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime

from flask import Flask, Response, jsonify, send_from_directory
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from ivr.channels.twilio import agents, webhooks
from ivr.config import Settings
from ivr.errors import BookError
from ivr.flows import load_book, parse_book
from ivr.flows.model import Book
from ivr.gateways.chosen import payment_gateway
from ivr.services.table import CHANNEL_PROMPTS, SERVICES, declared
from ivr.store import calls, schema
from ivr.store.engine import connect, reading
from ivr.switchboard import Books, Office
from ivr.telemetry import log_to_stderr

log = logging.getLogger(__name__)
LARGEST_REQUEST = 64 * 1024


def create_office(settings: Settings) -> Office:
    """Everything a line needs, from its settings.

    Raises `BookError` where the book is broken and no earlier one in the store is usable.
    """
    engine = connect(settings.database_url, hurried=True)
    books = Books(_book(settings), _parse)
    _keep(books, engine)
    return Office(
        engine=engine,
        settings=settings,
        books=books,
        services=SERVICES,
        gateway=payment_gateway(settings),
        now=lambda: datetime.now(UTC),
        new_id=lambda: uuid.uuid4().hex,
    )


def _keep(books: Books, engine: Engine) -> None:
    """Store the book before its first call, so that a broken edit finds one to fall back to.

    Where the database cannot take it yet, the first call stores it.
    """
    try:
        with engine.begin() as connection:
            books.keep(connection, datetime.now(UTC))
        books.kept()
    except SQLAlchemyError as error:
        log.warning("the book is not stored yet: %s", type(error).__name__)


def _parse(sources: Mapping[str, str]) -> Book:
    return parse_book(sources, declared(), CHANNEL_PROMPTS)


def _book(settings: Settings) -> Book:
    """The book in the folder. If it is broken, the one that a process took up last stays."""
    try:
        return load_book(settings.book, declared(), CHANNEL_PROMPTS)
    except BookError as problem:
        earlier = _earlier_book(settings)
        if earlier is None:
            raise
        log.error("the book is broken, so the one before it stays: %s", problem)
        return earlier


def _earlier_book(settings: Settings) -> Book | None:
    """The book taken up last; without a usable one, what is wrong with the new one matters more."""
    engine = connect(settings.database_url)
    try:
        with reading(engine) as connection:
            digest = calls.newest_book(connection)
            sources = calls.book_sources(connection, digest) if digest else None
        return _parse(json.loads(sources)) if sources else None
    except (SQLAlchemyError, BookError):
        return None
    finally:
        engine.dispose()


def create_app(settings: Settings, office: Office | None = None) -> Flask:
    """The WSGI application of one line."""
    log_to_stderr()
    office = office or create_office(settings)
    app = Flask(__name__, static_folder=None)
    # Twilio's forms are small; anything larger is refused before it is read.
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_REQUEST
    app.url_map.merge_slashes = False  # it would redirect, and Twilio follows without the keys
    app.register_blueprint(webhooks.blueprint(office))
    app.register_blueprint(agents.agents(office))
    _add_health(app, office)
    _add_recordings(app, settings)
    app.extensions["ivr"] = office
    return app


def _add_health(app: Flask, office: Office) -> None:
    @app.get("/healthz")
    def healthz() -> Response:
        return jsonify(status="up")

    @app.get("/readyz")
    def readyz() -> tuple[Response, int]:
        problem = _not_ready(office)
        return (
            (jsonify(status="not ready", why=problem), 503)
            if problem
            else (
                jsonify(status="ready", book=office.books.current.digest[:12]),
                200,
            )
        )


def _not_ready(office: Office) -> str | None:
    """Why calls cannot be served, or None."""
    try:
        with reading(office.engine) as connection:
            if not schema.is_current(connection):
                return "the database is not migrated: run `ivr db upgrade`"
    except Exception as error:
        log.warning("not ready: %s", type(error).__name__)
        return "the database cannot be reached"
    return None


def _add_recordings(app: Flask, settings: Settings) -> None:
    """The book's recordings, for <Play>. Twilio fetches them without a signature."""
    folder = (settings.book / "prompts").absolute()

    @app.get("/prompts/<language>/<name>.wav")
    def recording(language: str, name: str) -> Response:
        return send_from_directory(folder, f"{language}/{name}.wav", mimetype="audio/wav")
