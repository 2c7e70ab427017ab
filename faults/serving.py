"""Settings for gunicorn here: the shipped ones, and what workers import is imported before they
are forked, so that one that was killed is replaced in a moment."""

import runpy
from pathlib import Path

import psycopg  # noqa: F401  imported for the workers
import sqlalchemy.dialects.postgresql.psycopg  # noqa: F401  imported for the workers
import stripe  # noqa: F401  imported for the workers

import ivr.app  # noqa: F401  imported for the workers

_shipped = runpy.run_path(str(Path(__file__).parent.parent / "gunicorn.conf.py"))
globals().update({name: value for name, value in _shipped.items() if not name.startswith("_")})
