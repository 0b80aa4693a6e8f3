"""Files are looked into, opened, unpacked and held together before they are delivered; also when workers die of it."""

from __future__ import annotations

import time
import uuid
import zipfile
from collections.abc import Mapping
from io import BytesIO
from typing import Any

import pysequoia
import pytest

from local_cloud.session import LocalCloud
from tests.e2e.faults import fault, killed
from tests.e2e.file_transfer.transfers import Route, Transfers
from tests.e2e.permissions import left_over, refused

TEXT = b"id,amount\n1,10.50\n2,0.25\n"
CSV = {"header": ["id", "amount"]}
US, PARTNER, STRANGER = (pysequoia.Tsk.generate(name) for name in ("us", "partner", "stranger"))
PUBLIC = str(PARTNER.extract_certificate())
PREPARE_ROLE = "*file-transfer-prepare-file*"
PREPARE, WORK, CONTROL = "file-transfer-prepare-file", "*file-transfer-work*", "*FileTransferControl*"


def message(text: bytes, signer: pysequoia.Tsk = PARTNER) -> bytes:
    """A signed message to us."""
    return bytes(pysequoia.encrypt(text, [US.extract_certificate()], signer.signer()))


def zipped(files: Mapping[str, bytes]) -> bytes:
    """An archive of these files."""
    data = BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return data.getvalue()


@pytest.fixture(scope="session")
def secret_arns(cloud: LocalCloud) -> dict[str, str]:
    """The ARNs of two secrets, with our key and the partner's certificate in them."""
    secrets = cloud.client("secretsmanager")
    texts = {"our-key": str(US), "partner-certificates": PUBLIC}
    names = {label: f"file-transfer/pgp/{label}-{uuid.uuid4().hex[:8]}" for label in texts}
    return {label: secrets.create_secret(Name=names[label], SecretString=text)["ARN"] for label, text in texts.items()}


@pytest.fixture
def opening(secret_arns: dict[str, str]) -> dict[str, Any]:
    """Processing that opens what comes, and takes it from the partner alone."""
    decrypt = {"keySecretArn": secret_arns["our-key"]}
    return {"decrypt": decrypt, "verify": {"secretArn": secret_arns["partner-certificates"]}}


def delivered(transfers: Transfers, route: Route, name: str) -> list[bytes]:
    """Every version that the target has had of a file."""
    key = f"{route.customer}/{name}"
    return [
        transfers.s3.get_object(Bucket=transfers.archive, Key=key, VersionId=version["VersionId"])["Body"].read()
        for version in transfers.versions(transfers.archive, key)
    ]


def rejection(transfers: Transfers, route: Route, name: str) -> str:
    """`CODE message` of a file that was rejected, which nothing has been delivered of."""
    item = transfers.settled(route, name)
    assert item["status"] == "REJECTED", item
    assert delivered(transfers, route, name) == []
    transfers.assert_complete(route, name, item)
    return f"{item['failureReason']} {item['errorMessage']}"


def held(transfers: Transfers, route: Route, name: str) -> dict[str, Any]:
    """The item of a file that waits for its group."""

    def is_held() -> Any:
        item = transfers.queries.latest_status(route.customer, name)
        return item if item and item["status"] == "HELD" else None

    return dict(transfers.eventually(is_held, f"{name} to be held"))


def test_files_are_rejected_by_the_rule_they_break(transfers: Transfers) -> None:
    # Given a workflow with rules of each kind
    rules = {
        "name": {"pattern": r"^orders_(?P<date>[0-9]{8})\.csv$", "date": {"format": "%Y%m%d", "maxAgeDays": 36500}},
        "size": {"maxBytes": 100},
        "type": {"allowed": ["csv"]},
        "csv": {**CSV, "maxRows": 3},
        "controlTotals": {"in": "TRAILER", "first": "T", "count": 2, "sums": [{"column": "amount", "total": 3}]},
    }
    route = transfers.route(rules=rules)
    files = {
        "orders_20260101.csv": TEXT + b"T,2,10.75\n",
        "orders_2026.csv": TEXT,
        "orders_20260102.csv": TEXT * 10,
        "orders_20260103.csv": b"%PDF-1.7 id,amount\n",
        "orders_20260104.csv": b"amount,id\n1,2\n",
        "orders_20260105.csv": TEXT + b"T,2,10.74\n",
    }

    # When files come that break one rule each, and one that keeps all
    for name, text in files.items():
        transfers.upload(route, name, text)

    # Then it is delivered, and each of the others says which rule it breaks
    assert transfers.settled(route, "orders_20260101.csv")["status"] == "SUCCESS"
    assert delivered(transfers, route, "orders_20260101.csv") == [files["orders_20260101.csv"]]
    said = {name: rejection(transfers, route, name) for name in list(files)[1:]}
    beginnings = ["NAME_NOT_ALLOWED rules.name.pattern", "SIZE_NOT_ALLOWED rules.size.maxBytes"]
    beginnings += ["TYPE_NOT_ALLOWED rules.type", "CSV_INVALID rules.csv.header: column 1 is 'amount', not 'id'"]
    beginnings += ["CONTROL_TOTALS_DIFFER rules.controlTotals: sums of amount: 10.74 is told, 10.75 is there"]
    assert [text.startswith(begin) for text, begin in zip(said.values(), beginnings, strict=True)] == [True] * 5, said


def test_json_is_held_to_its_schema(transfers: Transfers) -> None:
    schema = {"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}}}
    route = transfers.route(rules={"json": {"schema": schema, "lines": True}})
    transfers.upload(route, "good.jsonl", b'{"id": 1}\n{"id": 2}\n')
    transfers.upload(route, "bad.jsonl", b'{"id": 1}\n{"id": "2"}\n')
    assert transfers.settled(route, "good.jsonl")["status"] == "SUCCESS"
    assert rejection(transfers, route, "bad.jsonl").startswith("JSON_INVALID rules.json.schema: line 2: $.id: ")


def test_what_is_encrypted_and_signed_arrives_in_the_clear(transfers: Transfers, opening: dict[str, Any]) -> None:
    # Given a workflow that opens what its partner sends
    route = transfers.route(processing=opening, rules={"csv": CSV})

    # When the partner sends, somebody else does, and somebody sends it open
    transfers.upload(route, "a.csv.pgp", message(TEXT))
    transfers.upload(route, "b.csv.pgp", message(TEXT, STRANGER))
    transfers.upload(route, "c.csv.pgp", TEXT)

    # Then the partner's file alone is delivered, under its own name
    item = transfers.settled(route, "a.csv.pgp")
    assert item["status"] == "SUCCESS"
    assert delivered(transfers, route, "a.csv") == [TEXT]
    transfers.assert_complete(route, "a.csv.pgp", item)
    assert rejection(transfers, route, "b.csv.pgp").startswith("SIGNATURE_INVALID processing.verify: ")
    assert rejection(transfers, route, "c.csv.pgp").startswith("DECRYPTION_FAILED processing.decrypt: ")


def test_what_is_delivered_is_encrypted_once_for_all_targets(transfers: Transfers) -> None:
    # Given a workflow with two targets that seals what it delivers, one of which fails at first
    route = transfers.route(to=("s3", "sftp"), processing={"encrypt": {"certificates": [PUBLIC]}})
    transfers.break_copies(transfers.partner_bucket, {"type": "error", "code": "InternalError", "status": 500}, times=1)

    transfers.upload(route, "a.csv", TEXT)

    # Then the partner can read it, and both targets have the same bytes
    item = transfers.settled(route, "a.csv")
    assert (item["status"], item["retryCount"]) == ("SUCCESS", 1)
    (sealed,) = delivered(transfers, route, "a.csv.pgp")
    assert pysequoia.decrypt(sealed, PARTNER.decryptor()).bytes == TEXT
    assert transfers.content(transfers.partner_bucket, f"{route.customer}/a.csv.pgp") == sealed


def test_a_large_file_is_kept_in_parts_and_a_broken_upload_is_taken_away(transfers: Transfers) -> None:
    # Given S3 that does not take the parts at first
    route = transfers.route(processing={"encrypt": {"certificates": [PUBLIC]}})
    transfers.cloud.inject([fault("s3", "UploadPart", "throttle", resource=WORK, principal=PREPARE_ROLE, times=3)])

    # When a file of more than one part comes
    text = b"0123456789abcdef" * 560_000
    transfers.upload(route, "large.csv", text)

    # Then it is delivered, and no upload is left
    assert transfers.settled(route, "large.csv")["status"] == "SUCCESS"
    (sealed,) = delivered(transfers, route, "large.csv.pgp")
    assert pysequoia.decrypt(sealed, PARTNER.decryptor()).bytes == text
    bucket = transfers.cloud.outputs("file-transfer")["content"]["work_bucket"]["name"]
    assert transfers.s3.list_multipart_uploads(Bucket=bucket).get("Uploads", []) == []
    assert transfers.cloud.injected()


def test_an_archive_arrives_as_its_members(transfers: Transfers, opening: dict[str, Any]) -> None:
    # Given a workflow that opens archives, with a rule for what is in them
    route = transfers.route(processing={**opening, "unzip": {"memberPattern": r".*\.csv"}}, rules={"csv": CSV})

    # When an encrypted archive comes in which one file is bad
    members = {"one.csv": TEXT, "folder/two.csv": b"id,amount\n", "three.csv": b"x\n"}
    transfers.upload(route, "day.zip.pgp", message(zipped(members)))

    # Then the archive ends without a copy of its own, its good members are delivered, and the bad one is rejected
    parent = transfers.settled(route, "day.zip.pgp")
    assert parent["status"] == "SUCCESS"
    assert {(each["state"], each["reason"]) for each in parent["targets"].values()} == {("SKIPPED", "UNPACKED")}
    for name, text in {"one.csv": TEXT, "two.csv": b"id,amount\n"}.items():
        item = transfers.settled(route, name)
        assert item["status"] == "SUCCESS"
        assert delivered(transfers, route, name) == [text]
        assert item["metadata"]["parentId"] == parent["SK"].rpartition("#")[2]
        transfers.assert_complete(route, name, item)
    assert rejection(transfers, route, "three.csv").startswith("CSV_INVALID")
    assert delivered(transfers, route, "day.zip") == []


def test_a_bomb_goes_off_nowhere(transfers: Transfers) -> None:
    route = transfers.route(processing={"unzip": {}})
    transfers.upload(route, "bomb.zip", zipped({"zeros.csv": bytes(50_000_000)}))
    assert rejection(transfers, route, "bomb.zip").startswith("ARCHIVE_REFUSED processing.unzip: maxRatio: 'zeros.csv'")


def test_files_wait_for_the_done_file_of_their_folder(transfers: Transfers) -> None:
    # Given two files of a group
    route = transfers.route(rules={"group": {"by": "DONE_FILE", "pattern": "^_SUCCESS$"}, "csv": CSV})
    for name in ("a.csv", "b.csv"):
        transfers.upload(route, name, TEXT)
    for name in ("a.csv", "b.csv"):
        held(transfers, route, name)
        assert delivered(transfers, route, name) == []

    # When an empty file says that all are there
    transfers.next_second(held(transfers, route, "b.csv"))
    transfers.upload(route, "_SUCCESS", b"")

    # Then they are delivered once each, and the done file is not
    for name in ("a.csv", "b.csv"):
        item = transfers.settled(route, name)
        assert item["status"] == "SUCCESS"
        assert delivered(transfers, route, name) == [TEXT]
        transfers.assert_complete(route, name, item)
    marker = transfers.settled(route, "_SUCCESS")
    assert marker["targets"]["s3"]["reason"] == "GROUP_MARKER"
    assert delivered(transfers, route, "_SUCCESS") == []


def test_a_manifest_lets_its_files_go_on_once_all_are_there(transfers: Transfers) -> None:
    # Given a manifest and all but one of its files
    route = transfers.route(rules={"group": {"by": "MANIFEST", "pattern": r"\.mft$"}})
    names = [f"{number}.csv" for number in range(4)]
    transfers.upload(route, "day.mft", "\n".join(f"{name},{len(TEXT)}" for name in names).encode())
    for name in names[:-1]:
        transfers.upload(route, name, TEXT)
    for name in names[:-1]:
        held(transfers, route, name)

    # When the last one comes
    transfers.upload(route, names[-1], TEXT)

    # Then all are delivered once
    for name in names:
        assert transfers.settled(route, name)["status"] == "SUCCESS"
        assert delivered(transfers, route, name) == [TEXT]


def test_a_release_that_gets_lost_is_made_up_for_by_the_sweep(transfers: Transfers) -> None:
    # Given a file that waits, and a queue that loses the message which would let it go on
    route = transfers.route(rules={"group": {"by": "DONE_FILE", "pattern": r"^(?P<stem>.+)\.ok$"}})
    transfers.upload(route, "a.csv", TEXT)
    transfers.next_second(held(transfers, route, "a.csv"))
    transfers.cloud.inject([fault("sqs", "Message", "drop", resource="*file-transfer-queue", nth=[2])])
    transfers.upload(route, "a.ok", b"")
    transfers.settled(route, "a.ok")
    transfers.eventually(transfers.cloud.injected, "the message to get lost")
    held(transfers, route, "a.csv")

    # When the sweep looks at what is held
    def settled() -> bool:
        transfers.cloud.tick(transfers.system["function_names"]["sweep-arrivals"])
        time.sleep(0.3)
        item = transfers.queries.latest_status(route.customer, "a.csv")
        return bool(item and item["status"] == "SUCCESS")

    transfers.eventually(settled, "the file to go on")

    # Then it is delivered after all
    assert delivered(transfers, route, "a.csv") == [TEXT]


PATHS = {
    "the function dies on its way": [killed(PREPARE, 40, nth=[1, 2, 3])],
    "writes are done and not answered": [
        fault("s3", "PutObject", "lost_response", resource=WORK, principal=PREPARE_ROLE, times=3)
    ],
    # Only a worker that has just begun asks for the secret.
    "the function dies as it begins, and the secret is throttled": [
        killed(PREPARE, 1, times=2),
        fault("secretsmanager", "GetSecretValue", "throttle", principal=PREPARE_ROLE, times=4),
    ],
    "the messages are not sent": [fault("sqs", "SendMessageBatch", "throttle", principal=PREPARE_ROLE, times=4)],
    "the messages are sent twice": [fault("sqs", "SendMessageBatch", "lost_response", principal=PREPARE_ROLE, times=1)],
    "the group is throttled": [fault("dynamodb", "*", "throttle", resource=CONTROL, principal=PREPARE_ROLE, times=4)],
}


@pytest.mark.parametrize("path", PATHS)
def test_whatever_breaks_on_the_way_all_is_delivered_once(
    transfers: Transfers, opening: dict[str, Any], path: str
) -> None:
    # Given a workflow that does everything: groups, opening, unpacking, rules, sealing
    processing = {**opening, "unzip": {}, "encrypt": {"certificates": [PUBLIC]}}
    group = {"by": "DONE_FILE", "pattern": r"^(?P<file>.+)\.done$"}
    route = transfers.route(processing=processing, rules={"group": group, "csv": CSV})
    transfers.upload(route, "a.zip.pgp", message(zipped({"one.csv": TEXT, "two.csv": TEXT})))
    transfers.next_second(held(transfers, route, "a.zip.pgp"))

    # When something breaks while the archive goes on
    transfers.at_rest()
    transfers.cloud.inject(PATHS[path])
    transfers.upload(route, "a.zip.pgp.done", b"")

    # Then both members are delivered, once, as the partner can read them
    for name in ("one.csv", "two.csv"):
        item = transfers.settled(route, name)
        assert item["status"] == "SUCCESS", item
        (sealed,) = delivered(transfers, route, f"{name}.pgp")
        assert pysequoia.decrypt(sealed, PARTNER.decryptor()).bytes == TEXT
        transfers.assert_complete(route, name, item)
    assert transfers.settled(route, "a.zip.pgp")["status"] == "SUCCESS"
    services = {rule["service"] for rule in PATHS[path]}
    assert {entry["service"] for entry in transfers.cloud.injected()} == services


@pytest.mark.last(5)
def test_the_function_may_do_exactly_what_it_was_seen_to_need(transfers: Transfers) -> None:
    roles = transfers.cloud.outputs("file-transfer")["content"]["role_names"]["functions"].values()
    unused = {("prepare-file", "s3:ListBucket"): "without it S3 answers 403 instead of 404 for what is not made yet"}
    assert left_over(transfers.cloud, roles, unused) == ""
    assert refused(transfers.cloud, roles) == set()
