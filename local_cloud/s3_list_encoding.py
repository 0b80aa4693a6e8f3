"""ListObjectVersions with `encoding-type=url`, as the SDKs and Terraform ask for it.

Keys may hold characters that XML 1.0 cannot carry, so S3 percent-encodes them on request (S3 API reference,
ListObjectVersions, EncodingType). ministack answers this one listing with plain keys, which breaks every caller that
decodes them: Terraform cannot empty a bucket that holds `100%.csv`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from ministack.services import s3

from local_cloud.symbols import PatchedSymbol

SYMBOLS = (PatchedSymbol("ministack.services.s3", "_list_object_versions", "2a656b63124adf1c"),)
Response = tuple[int, dict[str, str], bytes]
_NAMES = re.compile(r"<(Key|Prefix|Delimiter|KeyMarker|NextKeyMarker)>([^<]*)</\1>")
_END = "</ListVersionsResult>"


def install() -> None:
    """Encodes the names in ministack's answer when the request asks for it."""
    original: Callable[..., Response] = s3._list_object_versions

    def list_object_versions(bucket_name: str, query: dict[str, Any]) -> Response:
        status, headers, body = original(bucket_name, query)
        asked = query.get("encoding-type", "")
        if status != HTTPStatus.OK or "url" not in asked:
            return status, headers, body
        return status, headers, encoded(body.decode()).encode()

    s3._list_object_versions = list_object_versions


def encoded(xml: str) -> str:
    """The listing with every name percent-encoded, and marked as such."""
    names = _NAMES.sub(lambda found: f"<{found[1]}>{quote(unescape(found[2]), safe='/')}</{found[1]}>", xml)
    return names.replace(_END, f"<EncodingType>url</EncodingType>{_END}")
