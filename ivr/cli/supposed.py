"""The line as `ivr try --suppose` serves it: services reply what is supposed, then as they do."""

import os
from dataclasses import replace

from flask import Flask

from ivr.app import create_app, create_office
from ivr.authoring.supposing import SUPPOSED, supposed, supposing
from ivr.config import settings_from_environment


def app() -> Flask:
    """The WSGI application. Raises IvrError for what cannot be supposed."""
    settings = settings_from_environment()
    office = create_office(settings)
    lines = os.environ[SUPPOSED].splitlines()
    replies = [supposed(line, office.services) for line in lines]
    return create_app(settings, replace(office, services=supposing(office.services, replies)))
