"""Fetches files: a listing is compared with what is remembered, what has settled is fetched, checked, and put to land.

A fetched file first lies in the exchange bucket, where nobody watches. Only when it has the size that the listing
gave is it copied to where files arrive, marked with what it is, so that it arrives once whatever comes again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from file_transfer.connectors import pulls
from file_transfer.connectors.events import INBOX, ConnectorEvent
from file_transfer.connectors.pull_table import PullTable
from file_transfer.connectors.pulls import Pulled, PullRule, RemoteFile, Step
from file_transfer.connectors.sender import Copies
from file_transfer.connectors.sends import BATCH
from file_transfer.connectors.settings import ConnectorSettings
from file_transfer.copying.placing import Objects
from file_transfer.intake.source import Source
from file_transfer.observe import count, logger
from file_transfer.workflows.targets import NEWEST_WINS, versioned
from shared.aws_errors import classify, is_ambiguous
from shared.clock import Clock, parse, stamp
from shared.ids import new_id
from shared.side_by_side import side_by_side

Memory = tuple[Pulled | None, Pulled]


@dataclass(frozen=True)
class Puller:
    """`transfer` must be a client that never retries by itself: StartFileTransfer knows no token."""

    settings: ConnectorSettings
    table: PullTable
    copies: Copies
    objects: Objects
    s3: Any
    transfer: Any
    clock: Clock

    def listed(self, rule: PullRule, key: str) -> int:
        """Works through a listing's output; returns the number of files that are being fetched now.

        Raises what botocore raises; the same listing may be worked through again.
        """
        began = listing_began(key)
        if stamp(began) < self.table.listings(rule.workflow_id).get("heardAt", ""):
            return 0
        body = self.s3.get_object(Bucket=self.settings.exchange_bucket, Key=key)["Body"].read()
        files, truncated = pulls.read_listing(body)
        if truncated:
            logger.warning("the listing does not hold all files", workflow_id=rule.workflow_id)
            count("ListingsTruncated")
        known = self.table.files(rule.workflow_id)
        wanted = [each for each in files if rule.wants(each.name)]
        fetched = self._go_through(rule, wanted, known, began)
        self.table.hear_listing(rule.workflow_id, began, len(wanted))
        return fetched

    def retrieved(self, rule: PullRule, event: ConnectorEvent) -> bool:
        """Brings a fetch to its end. False when it is not the fetch that is under way."""
        _, batch, _ = event.pulled
        file = self.table.file(rule.workflow_id, event.path)
        if file is None or file.state != pulls.FETCHING or file.batch != batch:
            return False
        now = self.clock()
        if not event.completed:
            logger.warning("fetch failed", path=file.path, code=event.failure_code, error=event.failure_message)
            count("PullsFailed")
            return self.table.finish(file, pulls.seen_again(file, now))
        source = self.objects.head(event.bucket, event.key)
        if source is None or file.size not in (pulls.UNKNOWN_SIZE, source.size):
            size = source.size if source else None
            logger.warning("fetched with another size", path=file.path, listed=file.size, fetched=size)
            count("PullsChanged")
            return self.table.finish(file, pulls.seen_again(file, now, changed=True))
        self._land(rule, file, event, source, now)
        count("PullsLanded")
        return self.table.finish(file, pulls.landed(file, self.clock()))

    def _go_through(
        self, rule: PullRule, files: Sequence[RemoteFile], known: dict[str, Pulled], began: datetime
    ) -> int:
        now = self.clock()
        steps = [(each, pulls.decide(known.get(each.path), each, rule, began, now)) for each in files]
        new = [each for each, step in steps if step is Step.REMEMBER]
        side_by_side(lambda each: self.table.remember(known.get(each.path), pulls.first_seen(rule, each, began)), new)
        for each, step in steps:
            if step is Step.CLEAN:
                self._clean(rule, known[each.path], now)
        self._keep_in_mind(files, known)
        settled = [each for each, step in steps if step is Step.FETCH]
        to_fetch = [_to_fetch(rule, each, known.get(each.path), began) for each in settled]
        started = 0
        for first in range(0, len(to_fetch), BATCH):
            if not self._fetch(rule, to_fetch[first : first + BATCH]):
                break
            started += len(to_fetch[first : first + BATCH])
        return started

    def _fetch(self, rule: PullRule, batch: Sequence[Memory]) -> bool:
        """One StartFileTransfer, its intent first. True when more may be fetched."""
        now = self.clock()
        name = new_id("pull", now)
        intended = [
            (before, pulls.fetching(file, name, now, self.settings.unconfirmed_seconds)) for before, file in batch
        ]
        if not self.table.start(intended, self.settings.max_pending):
            return False
        try:
            answer = self.transfer.start_file_transfer(
                ConnectorId=self.settings.connectors[rule.connector],
                RetrieveFilePaths=[file.path for _, file in intended],
                LocalDirectoryPath=f"/{self.settings.exchange_bucket}/{INBOX}{rule.workflow_id}/{name}",
            )
        except (ClientError, BotoCoreError) as error:
            if is_ambiguous(error):
                count("ConnectorStartsUnconfirmed")
                return False
            found = classify(error, f"fetch by {rule.connector}")
            logger.warning("fetch refused", workflow_id=rule.workflow_id, error=str(found))
            count("PullsFailed", len(intended))
            for _, file in intended:
                self.table.finish(file, pulls.seen_again(file, self.clock()))
            return False
        due = stamp(self.clock() + timedelta(seconds=self.settings.look_seconds))
        for _, file in intended:
            self.table.remember(file, replace(file, transfer_id=answer["TransferId"], due_at=due))
        count("ConnectorFilesStarted", len(intended))
        return True

    def _land(self, rule: PullRule, file: Pulled, event: ConnectorEvent, source: Source, now: datetime) -> None:
        """The copy to where files arrive; one that was made before is found by its marker."""
        transfer = {
            "id": file.id,
            "bucket": event.bucket,
            "key": event.key,
            "versionId": source.version_id,
            "etag": source.etag,
            "sizeBytes": source.size,
            "arrivedAt": stamp(now),
            "contentType": source.content_type,
            "headers": {},
            "userMetadata": {},
            "checksum": source.checksum,
        }
        key = f"{rule.landing_prefix}{file.name}"
        uri = f"s3://{self.settings.landing_bucket}/{key}"
        target = {"id": "landing", "bucket": self.settings.landing_bucket, "key": key, "uri": uri}
        self.copies.copy(transfer, {**target, "overwrite": NEWEST_WINS, "attempts": 0})

    def _clean(self, rule: PullRule, file: Pulled, now: datetime) -> None:
        """Takes a file away that has landed. Whether that worked, the next listing shows."""
        asked = replace(file, cleanups=file.cleanups + 1, cleaned_at=stamp(now))
        if not self.table.remember(file, asked):
            return
        connector = self.settings.connectors[rule.connector]
        try:
            if rule.afterwards == pulls.DELETE:
                self.transfer.start_remote_delete(ConnectorId=connector, DeletePath=file.path)
            else:
                # A move onto a file that is there fails for ever, so another try takes a name of its own.
                name = file.name if not file.cleanups else versioned(file.name, f"{file.id}-{file.cleanups}")
                target = f"{rule.move_to}/{name}"
                self.transfer.start_remote_move(ConnectorId=connector, SourcePath=file.path, TargetPath=target)
        except (ClientError, BotoCoreError) as error:
            logger.warning("file not taken away", path=file.path, error=str(classify(error, rule.afterwards)))
            count("CleanupsFailed")

    def _keep_in_mind(self, files: Sequence[RemoteFile], known: dict[str, Pulled]) -> None:
        """What is still there must not be forgotten, or it would be fetched again: it is remembered from now on."""
        half = timedelta(days=self.settings.memory_days) / 2
        old = [
            file
            for each in files
            if (file := known.get(each.path)) and file.landed_at and self.clock() - parse(file.landed_at) > half
        ]
        side_by_side(lambda file: self.table.remember(file, replace(file, landed_at=stamp(self.clock()))), old)


def _to_fetch(rule: PullRule, file: RemoteFile, known: Pulled | None, began: datetime) -> Memory:
    """(what is remembered, what is to be fetched): another one where the file is not as it was."""
    fresh = pulls.first_seen(rule, file, began)
    same = known is not None and (known.size, known.modified) == (fresh.size, fresh.modified)
    return known, known if known is not None and same else fresh


def listing_prefix(workflow_id: str, now: datetime) -> str:
    """Where the listing that begins now is written: its output says when it began."""
    return f"listings/{workflow_id}/{stamp(now)}"


def listing_began(key: str) -> datetime:
    """When the listing with this output began."""
    return parse(key.split("/")[2])
