"""S3 as one SFTP user sees it: every call is an API call that the user's role must allow."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Any

from local_cloud import aws_client
from local_cloud.sftp.paths import Location


@dataclass(frozen=True)
class Entry:
    """A file or folder: size in bytes, time in seconds since the epoch (0 for folders, which S3 does not have)."""

    name: str
    is_folder: bool
    size: int = 0
    modified: int = 0


@dataclass(frozen=True)
class Storage:
    """Blocking S3 operations of one user; failures are botocore's ClientError.

    `policy` narrows what the role may do. Objects carry the marks of Transfer Family, with `stored_by` as who it was.
    """

    role_arn: str
    session_name: str
    policy: str | None = None
    stored_by: str = ""

    @property
    def s3(self) -> Any:
        """A client that holds a session of the user's role."""
        return aws_client.client("s3", self.role_arn, self.session_name, self.policy)

    def find(self, place: Location) -> Entry | None:
        """What is at a place. Asks by listing, so that a user who may write but not read can still look around."""
        if not place.key:
            self.s3.list_objects_v2(Bucket=place.bucket, MaxKeys=1)
            return Entry("", True)
        found = self.s3.list_objects_v2(Bucket=place.bucket, Prefix=place.key, MaxKeys=1).get("Contents", [])
        if found and found[0]["Key"] == place.key:
            return _file(found[0], place.key.rpartition("/")[2])
        below = self.s3.list_objects_v2(Bucket=place.bucket, Prefix=place.folder, MaxKeys=1)
        return Entry(place.key.rpartition("/")[2], True) if below.get("Contents") else None

    def list(self, place: Location) -> Iterator[Entry]:
        """The files and folders directly in a folder."""
        pages = self.s3.get_paginator("list_objects_v2")
        for page in pages.paginate(Bucket=place.bucket, Prefix=place.folder, Delimiter="/"):
            for prefix in page.get("CommonPrefixes", []):
                yield Entry(prefix["Prefix"].removeprefix(place.folder).rstrip("/"), True)
            for found in page.get("Contents", []):
                if found["Key"] != place.folder:  # the marker that mkdir leaves
                    yield _file(found, found["Key"].removeprefix(place.folder))

    def read(self, place: Location, into: IO[bytes]) -> None:
        """Downloads an object."""
        body = self.s3.get_object(Bucket=place.bucket, Key=place.key)["Body"]
        for chunk in body.iter_chunks(1 << 20):
            into.write(chunk)

    def write(self, place: Location, content: IO[bytes] | bytes) -> str:
        """Stores an object; returns its ETag without quotes."""
        marks = {"user-agent": "AWSTransfer", "user-agent-id": self.stored_by}
        stored = self.s3.put_object(Bucket=place.bucket, Key=place.key, Body=content, Metadata=marks)
        return str(stored["ETag"]).strip('"')

    def rename(self, old: Location, new: Location) -> None:
        """S3 cannot rename: a copy, then a delete."""
        self.s3.copy_object(Bucket=new.bucket, Key=new.key, CopySource={"Bucket": old.bucket, "Key": old.key})
        self.delete(old)

    def delete(self, place: Location) -> None:
        """Deletes an object, or hides it behind a delete marker in a versioned bucket."""
        self.s3.delete_object(Bucket=place.bucket, Key=place.key)


def _file(found: dict[str, Any], name: str) -> Entry:
    return Entry(name, False, found["Size"], int(found["LastModified"].timestamp()))
