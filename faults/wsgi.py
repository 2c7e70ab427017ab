"""The object gunicorn loads here: the line of `ivr.wsgi`, with hooks around what can fail."""

import os
from dataclasses import replace
from pathlib import Path

from flask import Response

from faults.builds import BUILDS
from faults.control import Control
from faults.hooks import harm, webhook
from faults.times import scale_down
from ivr.app import create_app, create_office
from ivr.config import settings_from_environment
from ivr.telemetry import COUNTS

scale_down()
_settings = settings_from_environment()
_control = Control(Path(os.environ["FAULTS_CONTROL"]))
_office = create_office(_settings)
_gateway = harm(_office.engine, _settings, _control, webhook)
_build = BUILDS[os.environ["FAULTS_BUILD"]]
app = create_app(_settings, replace(_office, gateway=_build(_gateway)))


@app.after_request
def _tell(response: Response) -> Response:
    """Write down this process's counters, which are searched for secrets, too."""
    (_control.folder.parent / f"counts-{os.getpid()}.txt").write_text("\n".join(COUNTS))
    return response
