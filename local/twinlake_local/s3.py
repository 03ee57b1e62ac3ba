"""Objects written by AWS services."""

from __future__ import annotations

from functools import partial

from ministack import app
from ministack.services import s3


class CannotWrite(Exception):
    """S3 refused an object. The message is S3's answer."""


def put_object(bucket: str, key: str, body: bytes, content_type: str) -> None:
    """Writes an object on behalf of a service. Raises `CannotWrite`.

    The caller has set the request scope and is not on the server's event loop.
    """
    headers = {"host": "s3.localhost", "content-type": content_type, "content-length": str(len(body))}
    code, _headers, answer = app.call_service_handler_sync(
        partial(s3.handle_request, internal=True), "PUT", f"/{bucket}/{key}", headers, body, {}
    )
    if code != 200:
        text = answer.decode(errors="replace") if isinstance(answer, bytes) else str(answer)
        raise CannotWrite(f"S3 answered {code} to PUT s3://{bucket}/{key}: {text}")
