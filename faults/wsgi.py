"""The object gunicorn loads here: the line of `ivr.wsgi`, with hooks around what can fail."""

import os
from pathlib import Path

from faults.builds import BUILDS
from faults.control import Control
from faults.hooks import harmed
from ivr.app import create_app, create_office
from ivr.config import settings_from_environment

_settings = settings_from_environment()
_control = Control(Path(os.environ["FAULTS_CONTROL"]))
_build = BUILDS[os.environ["FAULTS_BUILD"]]
app = create_app(_settings, harmed(_build(create_office(_settings)), _control))
