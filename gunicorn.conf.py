"""Settings for `gunicorn ivr.wsgi:app`. HUP takes up an edited book."""

import os

bind = os.environ.get("IVR_BIND", "127.0.0.1:8000")
workers = int(os.environ.get("WEB_CONCURRENCY") or os.cpu_count() or 1)
if workers < 1:
    raise SystemExit(f"WEB_CONCURRENCY must be a whole number from 1, not {workers}")
# Threads, since a copy of a webhook waits for the first one's answer and must not keep others
# from being served.
worker_class = "gthread"
threads = 8
# Twilio hangs up on a webhook after 15 s; a worker stuck for twice that is replaced.
timeout = 30
graceful_timeout = 20
keepalive = 75
accesslog = None
# Every gunicorn of a user would share one socket in that user's home.
control_socket_disable = True
