"""The OpenAPI document: made of routes and schemas, valid, and complete."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from disaster_recovery.api.routes import API
from shared import schemas
from shared.api.openapi import document
from shared.api.routes import Api, Route
from shared.schemas import load
from tools.openapi import files

DOCUMENT = document(API)


def resolved(pointer: str) -> Any:
    """What `#/a/b` leads to. Raises KeyError where it leads nowhere."""
    found: Any = DOCUMENT
    for part in pointer.removeprefix("#/").split("/"):
        found = found[part]
    return found


def refs(value: Any) -> list[str]:
    if isinstance(value, list):
        return [ref for each in value for ref in refs(each)]
    if not isinstance(value, dict):
        return []
    own = [value["$ref"]] if isinstance(value.get("$ref"), str) else []
    return own + [ref for each in value.values() for ref in refs(each)]


def test_every_reference_leads_somewhere() -> None:
    found = refs(DOCUMENT)
    assert len(found) > 100
    assert all(ref.startswith("#/components/") for ref in found)
    assert all(resolved(ref) for ref in found)


def test_every_component_is_a_schema_that_somebody_uses() -> None:
    used = {ref.split("/")[3] for ref in refs(DOCUMENT) if ref.startswith("#/components/schemas/")}
    assert used == set(DOCUMENT["components"]["schemas"])
    for schema in DOCUMENT["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


def test_every_route_is_an_operation_with_its_own_name() -> None:
    operations = {
        (method.upper(), path): operation
        for path, methods in DOCUMENT["paths"].items()
        for method, operation in methods.items()
    }
    assert set(operations) == {(route.method, route.path) for route in API.routes}
    names = [operation["operationId"] for operation in operations.values()]
    assert len(set(names)) == len(names)


def test_every_placeholder_is_a_parameter() -> None:
    for path, methods in DOCUMENT["paths"].items():
        for operation in methods.values():
            declared = {each["name"] for each in operation.get("parameters", []) if each["in"] == "path"}
            assert declared == {part[1:-1] for part in path.split("/") if part.startswith("{")}


def test_changes_name_their_version_and_what_they_may_answer() -> None:
    operation = DOCUMENT["paths"]["/recovery-plans/{planId}"]["put"]
    (header,) = [each for each in operation["parameters"] if each["in"] == "header"]
    assert (header["name"], header["required"]) == ("If-Match", True)
    assert {"200", "400", "403", "404", "409", "413", "428"} <= set(operation["responses"])
    assert operation["x-permissions"] == ["recover"]


def test_a_component_says_what_the_schema_file_says() -> None:
    # Given the plan's wave in its file and in the document
    component, schema = DOCUMENT["components"]["schemas"]["RecoveryPlanWave"], load("recovery-plan")["$defs"]["wave"]
    # Then they differ in nothing but where references lead
    assert component["properties"]["servers"]["items"] == {"$ref": "#/components/schemas/RecoveryPlanServer"}
    assert json.loads(
        json.dumps(component).replace("#/components/schemas/RecoveryPlan", "#/$defs/").lower()
    ) == json.loads(json.dumps(schema).lower())


def test_it_is_the_shape_of_openapi_3_1() -> None:
    assert DOCUMENT["openapi"] == "3.1.0"
    assert set(DOCUMENT) == {"openapi", "info", "servers", "security", "tags", "paths", "components", "x-permissions"}
    for methods in DOCUMENT["paths"].values():
        for operation in methods.values():
            assert set(operation) >= {"operationId", "summary", "description", "tags", "responses"}
            assert all(set(each) >= {"name", "in", "schema"} for each in operation.get("parameters", []))
            for status, response in operation["responses"].items():
                assert status.isdigit() and ("$ref" in response or response["description"])


def test_two_schemas_of_one_name_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Given a definition `other` of the file that gives no prefix, and a file of that name
    (tmp_path / "things.schema.json").write_text('{"$defs": {"other": {"type": "string"}}}')
    (tmp_path / "other.schema.json").write_text('{"type": "object"}')
    monkeypatch.setattr(schemas, "FOLDERS", (tmp_path,))
    schemas.load.cache_clear()
    # Then the document cannot be made, rather than showing one in place of the other
    route = Route("POST", "/x", "x", "", (), "m:f", answer="things#/$defs/other", body="other")
    try:
        with pytest.raises(ValueError, match="component Other"):
            document(Api("X", "", "1", (route,), problem="things#/$defs/other"))
    finally:
        schemas.load.cache_clear()


def test_the_committed_document_is_up_to_date() -> None:
    for path, text in files().items():
        assert path.read_text(encoding="utf-8") == text, "run python -m tools.openapi"
