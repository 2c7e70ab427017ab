"""The object gunicorn loads. It does not migrate: `ivr db upgrade` does."""

from ivr.app import create_app
from ivr.config import settings_from_environment

app = create_app(settings_from_environment())
