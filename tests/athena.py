"""The named queries of file-transfer-analytics, run by duckdb over JSON lines as Firehose writes them.

duckdb stands in for Athena: it takes the same text. What differs in the functions is in DIALECT alone, and
tests/unit/file_transfer/analytics/test_queries.py says which they are.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb

from tools.paths import MODULES

MODULE = MODULES / "file-transfer-analytics"
TABLES = tuple(sorted(path.stem for path in (MODULE / "tables").glob("*.json")))
QUERIES = {path.stem: path.read_text() for path in sorted((MODULE / "queries").glob("*.sql"))}
#: Functions of Athena that duckdb calls otherwise, in its words.
DIALECT = {"approx_percentile(value, share)": "quantile_disc(value, share)"}
#: Types of Glue that a test meets, in duckdb's words. A value of another type is refused, not read as null.
TYPES = {"string": "VARCHAR", "bigint": "BIGINT", "timestamp": "TIMESTAMP"}
Row = Mapping[str, Any]


def columns(table: str) -> dict[str, str]:
    """Columns of a table in Glue with their types."""
    declared: list[dict[str, str]] = json.loads((MODULE / "tables" / f"{table}.json").read_text())
    return {column["name"]: column["type"] for column in declared}


def write(folder: Path, table: str, day: str, name: str, rows: Iterable[Row]) -> None:
    """An object as Firehose would write it."""
    place = folder / table / f"day={day}"
    place.mkdir(parents=True, exist_ok=True)
    text = "".join(json.dumps(row) + "\n" for row in rows)
    (place / f"{name}.json.gz").write_bytes(gzip.compress(text.encode()))


class Athena:
    """Answers queries over a folder that looks like the bucket: <table>/day=<day>/<object>.json.gz."""

    def __init__(self, folder: Path) -> None:
        self._database = duckdb.connect()
        self._database.execute("SET TimeZone = 'UTC'")
        for athena, own in DIALECT.items():
            self._database.execute(f"CREATE MACRO {athena} AS {own}")
        for table in TABLES:
            # So that there is something to read of a table without rows.
            write(folder, table, "2000-01-01", "none", [])
            types = {name: TYPES[kind] for name, kind in columns(table).items()}
            self._database.execute(
                f"CREATE VIEW {table} AS SELECT * FROM read_json('{folder / table}/*/*.json.gz', columns = {types},"
                " format = 'newline_delimited', compression = 'gzip', hive_partitioning = true,"
                " hive_types = {'day': VARCHAR})"
            )

    def ask(self, text: str, *parameters: str) -> list[dict[str, Any]]:
        """Rows of the answer by the names of their columns, in small letters as Athena returns them."""
        self._database.execute(text, list(parameters))
        described: Sequence[Any] = self._database.description or []
        names = [column[0].lower() for column in described]
        return [dict(zip(names, row, strict=True)) for row in self._database.fetchall()]

    def named(self, query: str, *parameters: str) -> list[dict[str, Any]]:
        """Rows of the answer to a named query of the module."""
        return self.ask(QUERIES[query], *parameters)
