"""The parts of the connectors' functions with the clients of a worker."""

from __future__ import annotations

from functools import cached_property

from file_transfer.connectors.definitions import PullDefinitions
from file_transfer.connectors.hearing import Hearer
from file_transfer.connectors.pull_table import PullTable
from file_transfer.connectors.puller import Puller
from file_transfer.connectors.sender import Sender
from file_transfer.connectors.settings import ConnectorSettings, read_settings
from file_transfer.connectors.table import ConnectorTable
from file_transfer.connectors.watching import Watcher
from file_transfer.copying.copier import Copier
from file_transfer.intake.source import SourceReader
from file_transfer.settings import Settings
from shared.clients import Clients, LazyClient, client
from shared.clock import utc_now

#: SFTP connector quotas (Transfer Family User Guide): the largest file.
LARGEST_FILE = 150 * 1024**3
CONNECTOR_READ_SECONDS = 20
ONE_ATTEMPT = 1


class Parts:
    """Made with the first message and kept while the worker lives."""

    @cached_property
    def settings(self) -> ConnectorSettings:
        return read_settings()

    @cached_property
    def sender(self) -> Sender:
        return Sender(self.settings, self._table, self._copier, self._transfer, self._clients.sqs, utc_now)

    @cached_property
    def hearer(self) -> Hearer:
        definitions = PullDefinitions(self._clients.dynamodb, self.settings.workflow_table)
        return Hearer(self.settings, self._table, self._puller, definitions, self._clients.sqs, utc_now)

    @cached_property
    def watcher(self) -> Watcher:
        return Watcher(
            self.settings,
            self._table,
            PullTable(self._table),
            PullDefinitions(self._clients.dynamodb, self.settings.workflow_table),
            SourceReader(self._clients.s3),
            self._clients.s3,
            self._transfer,
            self._clients.sqs,
            utc_now,
        )

    @cached_property
    def _puller(self) -> Puller:
        objects, s3 = SourceReader(self._clients.s3), self._clients.s3
        return Puller(self.settings, PullTable(self._table), self._copier, objects, s3, self._transfer, utc_now)

    @cached_property
    def _table(self) -> ConnectorTable:
        settings = self.settings
        return ConnectorTable(self._clients.dynamodb, settings.connector_table, utc_now, settings.memory_days)

    @cached_property
    def _copier(self) -> Copier:
        """No bucket is watched here: to land is what a fetched file is copied for."""
        clients = self._clients
        parts = LazyClient(lambda: clients.s3_parts)
        return Copier(Settings(max_copy_bytes=LARGEST_FILE), clients.s3_copy, SourceReader(clients.s3), parts)

    @cached_property
    def _transfer(self) -> LazyClient:
        """Never retried by the SDK: a second StartFileTransfer is a second transfer."""
        return LazyClient(lambda: client("transfer", CONNECTOR_READ_SECONDS, ONE_ATTEMPT))

    @cached_property
    def _clients(self) -> Clients:
        return Clients()
