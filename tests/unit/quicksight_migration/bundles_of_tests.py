"""Bundles as tests write them."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from typing import Any

SOURCE_PREFIX = "arn:aws:quicksight:us-east-1:111111111111:"


def bundle_of(entries: Mapping[str, Any]) -> io.BytesIO:
    """A zip: name of the entry → document, or bytes as they are."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content if isinstance(content, bytes) else json.dumps(content))
    return file


def data_source(name: str = "lake", **more: Any) -> dict[str, Any]:
    parameters = {"athenaParameters": {"workGroup": "primary"}}
    document = {"resourceType": "datasource", "dataSourceId": name, "name": name.title(), "type": "ATHENA"}
    return {**document, "dataSourceParameters": parameters, **more}


def dataset(name: str = "orders", source: str = "lake", **more: Any) -> dict[str, Any]:
    table = {"dataSourceArn": f"{SOURCE_PREFIX}datasource/{source}", "schema": "s", "name": name}
    columns = [{"name": "region", "type": "STRING"}]
    return {
        "resourceType": "dataset",
        "dataSetId": name,
        "name": name.title(),
        "physicalTableMap": {"Table-1": {"relationalTable": {**table, "inputColumns": columns}}},
        "importMode": "DIRECT_QUERY",
        **more,
    }


def dashboard(name: str = "sales", data: str = "orders", **more: Any) -> dict[str, Any]:
    declared = [{"identifier": "o", "dataSetArn": f"{SOURCE_PREFIX}dataset/{data}"}]
    definition = {"dataSetIdentifierDeclarations": declared, "sheets": [{"sheetId": "s1", "name": "One"}]}
    return {
        "resourceType": "dashboard",
        "dashboardId": name,
        "name": name.title(),
        "definition": definition,
        "linkEntities": [f"{SOURCE_PREFIX}analysis/{name}"],
        "validationStrategy": {"mode": "LENIENT"},
        **more,
    }


def schedule(data: str = "orders", name: str = "daily") -> dict[str, Any]:
    frequency = {"interval": "DAILY", "timeOfTheDay": "05:00"}
    inner = {"scheduleId": name, "scheduleFrequency": frequency, "refreshType": "FULL_REFRESH", "startAfterDateTime": 1}
    return {"resourceType": "refreshSchedule", "dataSetId": data, "schedule": inner}
