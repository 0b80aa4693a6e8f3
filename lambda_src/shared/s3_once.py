"""Objects that are written once: whoever comes second finds what is there."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError

from shared.aws_errors import http_status

#: What S3 answers when `If-None-Match: *` does not hold.
PRECONDITION_FAILED = 412


def put_once(s3: Any, **request: Any) -> bool:
    """PutObject if nothing has this key; False if something has. Raises what botocore raises for anything else."""
    try:
        s3.put_object(**request, IfNoneMatch="*")
    except ClientError as error:
        if http_status(error) != PRECONDITION_FAILED:
            raise
        return False
    return True
