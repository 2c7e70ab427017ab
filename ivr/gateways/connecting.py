"""What a failed HTTP request tells of whether it left, for both libraries that send ours."""


def never_left(error: BaseException | None) -> bool:
    """Whether `requests` failed before there was a connection: then surely nothing happened.

    Anything later may have been read at the other end, however it looked from here.
    """
    from requests.exceptions import ConnectTimeout
    from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

    # requests wraps urllib3's exhausted retries, and those hold the reason.
    reason = getattr(error.args[0], "reason", None) if error and error.args else None
    return isinstance(error, ConnectTimeout) or isinstance(
        reason, NewConnectionError | ConnectTimeoutError
    )
