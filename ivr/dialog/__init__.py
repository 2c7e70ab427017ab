"""The conversation itself, free of I/O: events come in, turns go out, a call's state between."""
