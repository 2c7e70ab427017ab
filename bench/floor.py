"""The cheapest answer there is: Flask saying one fixed TwiML string, whatever it is asked."""

from flask import Flask, Response

DOCUMENT = (
    b"<?xml version='1.0' encoding='utf-8'?>\n"
    b'<Response><Gather input="dtmf" action="/voice/turn?turn=1" method="POST" '
    b'actionOnEmptyResult="true" finishOnKey="" numDigits="1" timeout="6">'
    b'<Say voice="Polly.Joanna-Neural" language="en-US">For your balance, press 1.</Say>'
    b"</Gather></Response>"
)

app = Flask(__name__, static_folder=None)


@app.get("/readyz")
def readyz() -> str:
    """It is up as soon as it answers."""
    return "ready"


@app.post("/voice")
@app.post("/voice/turn")
def answer() -> Response:
    """The same words for every webhook; the form is not even read."""
    return Response(DOCUMENT, content_type="text/xml; charset=utf-8")
