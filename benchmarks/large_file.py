"""`make benchmark-large`: 2 GB through the machine for large files, on a local cloud of its own.

Bytes are copied by S3 alone, so neither the functions nor the server may need more memory for it: what is watched is
memory that no file stands behind. Parts are of 64 MiB, eight to an invocation; production has larger ones.
"""

from __future__ import annotations

import base64
import random
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks import cloud
from benchmarks.soak import children
from file_transfer.records.queries import TransferQueries
from local_cloud import crc64
from local_cloud.session import LocalCloud
from tools.paths import BUILD, ROOT, shown

RESULTS = ROOT / "benchmarks" / "LARGE_FILE.md"
STATE_DIR = BUILD / "benchmark-large"
MIB = 1024**2
PART_BYTES, PARTS, BATCH_PARTS = 64 * MIB, 32, 8
CUSTOMER, NAME = "large", "large.bin"
WAIT_SECONDS = 240.0
SAMPLE_SECONDS = 0.05
#: Growth that is no part of the file: a twentieth of it would be.
MOST_MIB = 64


@dataclass
class Memory:
    """Anonymous memory in MiB of the server and of its largest worker, before and at most."""

    server_before: float
    server: float = 0.0
    worker: float = 0.0

    @property
    def growth(self) -> float:
        """How much more the server held at most."""
        return max(0.0, self.server - self.server_before)


@dataclass
class Seen:
    """What one copy took."""

    seconds: float
    memory: Memory
    calls: Counter[str]
    invocations: Counter[str] = field(default_factory=Counter)
    read_bytes: int = 0

    @property
    def megabytes_a_second(self) -> float:
        """Speed of the whole transfer, from the last byte of the upload to SUCCESS."""
        return PARTS * PART_BYTES / MIB / self.seconds


def main() -> int:
    """Returns 0 when the copy is right and its memory flat, 1 otherwise."""
    begun = time.monotonic()
    with cloud.running(STATE_DIR) as running:
        seen = measure(running)
        remove(running)
    write(seen, time.monotonic() - begun)
    print(f"· written: {shown(RESULTS)}")
    flat = seen.memory.growth <= MOST_MIB
    print(f"  {'kept  ' if flat else 'MISSED'} {seen.memory.growth:.0f} of {MOST_MIB}  MiB that the server grew by")
    print(f"  {'kept  ' if not seen.read_bytes else 'MISSED'} {seen.read_bytes} of 0  bytes that functions read")
    return 0 if flat and not seen.read_bytes else 1


def measure(running: LocalCloud) -> Seen:
    """One file, uploaded in parts, from its last byte until its transfer has ended."""
    stack = running.outputs("file-transfer")
    widen(running, stack["large_files"]["function_names"])
    route(running, stack)
    print(f"· uploading {PARTS * PART_BYTES // MIB} MiB", flush=True)
    complete, checksum = upload(running, stack["file_transfer"]["landing_bucket_name"])
    mark = running.mark()
    with watched() as memory:
        begun = time.monotonic()
        complete()
        item = ended(running, stack["file_transfer"]["table_names"])
        seconds = time.monotonic() - begun
    print(f"· {item['status']} after {seconds:.1f} s", flush=True)
    check(running, stack["archive_bucket_name"], item, checksum)
    calls = [call for call in running.calls(mark) if "assumed-role/file-transfer" in call["principal"]]
    counted = Counter(f"{call['service']} {call['operation']}" for call in calls)
    read = sum(PART_BYTES for call in calls if call["operation"] == "GetObject")
    return Seen(seconds, memory, counted, invocations(calls), read)


def widen(running: LocalCloud, names: dict[str, str]) -> None:
    """Larger parts than the stack of the tests has."""
    functions = running.client("lambda")
    for name in names.values():
        variables = functions.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
        variables |= {"PART_BYTES": str(PART_BYTES), "BATCH_PARTS": str(BATCH_PARTS)}
        functions.update_function_configuration(FunctionName=name, Environment={"Variables": variables}, Timeout=300)


def route(running: LocalCloud, stack: Any) -> None:
    """A workflow for the file."""
    texts = {
        "PK": "WORKFLOW#large",
        "kind": "WORKFLOW",
        "workflowId": "large",
        "sourceType": "S3",
        "targetType": "S3",
        "sourcePrefix": f"from-s3/{CUSTOMER}/",
        "customerId": CUSTOMER,
    }
    target = {"type": {"S": "S3"}, "uri": {"S": f"s3://{stack['archive_bucket_name']}/{CUSTOMER}/"}}
    item: dict[str, Any] = {name: {"S": text} for name, text in texts.items()}
    item |= {"targets": {"M": {"s3": {"M": target}}}, "enabled": {"BOOL": True}, "version": {"N": "1"}}
    running.client("dynamodb").put_item(
        TableName=stack["file_transfer"]["table_names"]["WorkflowDefinition"], Item=item
    )


def upload(running: LocalCloud, bucket: str) -> tuple[Callable[[], None], str]:
    """Every part differs. Returns the completion, which makes the file arrive, and the checksum it must have."""
    s3, parts, pieces = running.client("s3"), [], []
    place = {"Bucket": bucket, "Key": f"from-s3/{CUSTOMER}/{NAME}"}
    kind = {"ChecksumAlgorithm": "CRC64NVME", "ChecksumType": "FULL_OBJECT"}
    place["UploadId"] = s3.create_multipart_upload(**place, **kind)["UploadId"]
    for number in range(1, PARTS + 1):
        content = random.Random(number).randbytes(PART_BYTES)
        pieces.append((crc64.crc64nvme(content), PART_BYTES))
        checksum = text_of(pieces[-1][0])
        answer = s3.upload_part(**place, PartNumber=number, Body=content, ChecksumCRC64NVME=checksum)
        parts.append({"PartNumber": number, "ETag": answer["ETag"], "ChecksumCRC64NVME": checksum})
    whole = text_of(crc64.combined(pieces))

    def complete() -> None:
        s3.complete_multipart_upload(**place, MultipartUpload={"Parts": parts}, ChecksumCRC64NVME=whole)

    return complete, whole


def text_of(checksum: int) -> str:
    """A CRC64NVME as S3 writes it."""
    return base64.b64encode(checksum.to_bytes(8)).decode()


def ended(running: LocalCloud, tables: dict[str, str]) -> dict[str, Any]:
    """The status item, once the transfer has ended. Raises TimeoutError."""
    queries = TransferQueries(running.client("dynamodb"), tables)
    deadline = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < deadline:
        item = queries.latest_status(CUSTOMER, NAME)
        if item and item["status"] not in ("IN_PROGRESS", "RETRYING"):
            return item
        time.sleep(0.2)
    raise TimeoutError(f"the file is not through after {WAIT_SECONDS:.0f} s")


def check(running: LocalCloud, bucket: str, item: dict[str, Any], checksum: str) -> None:
    """The target is the file, bit by bit by its checksum. Raises AssertionError."""
    s3, place = running.client("s3"), {"Bucket": bucket, "Key": f"{CUSTOMER}/{NAME}"}
    head = s3.head_object(**place, ChecksumMode="ENABLED")
    assert item["status"] == "SUCCESS", item
    assert (head["ContentLength"], head["ChecksumCRC64NVME"]) == (PARTS * PART_BYTES, checksum), head
    middle = PARTS // 2 * PART_BYTES
    piece = s3.get_object(**place, Range=f"bytes={middle}-{middle + 99}")["Body"].read()
    assert piece == random.Random(PARTS // 2 + 1).randbytes(PART_BYTES)[:100]


def invocations(calls: Sequence[dict[str, Any]]) -> Counter[str]:
    """Invocations by function."""
    invoked = [call for call in calls if call["operation"] == "Invoke"]
    return Counter(call["resource"].rpartition(":")[2] for call in invoked)


def remove(running: LocalCloud) -> None:
    """Takes the file away: a local cloud that ends keeps what it holds, and would write all of it."""
    s3, stack = running.client("s3"), running.outputs("file-transfer")
    for bucket in (stack["file_transfer"]["landing_bucket_name"], stack["archive_bucket_name"]):
        for version in s3.list_object_versions(Bucket=bucket).get("Versions", []):
            s3.delete_object(Bucket=bucket, Key=version["Key"], VersionId=version["VersionId"])


@contextmanager
def watched() -> Iterator[Memory]:
    """Samples memory while the block runs."""
    server = int((STATE_DIR / "server.pid").read_text().split()[0])
    memory = Memory(anonymous_mib(server))
    over = threading.Event()

    def sample() -> None:
        while not over.wait(SAMPLE_SECONDS):
            memory.server = max(memory.server, anonymous_mib(server))
            memory.worker = max(memory.worker, *map(anonymous_mib, children(server)), 0.0)

    thread = threading.Thread(target=sample, daemon=True)
    thread.start()
    try:
        yield memory
    finally:
        over.set()
        thread.join()


def anonymous_mib(pid: int) -> float:
    """Memory of a process that no file stands behind; 0 when it has ended."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0.0
    sizes = [int(line.split()[1]) for line in status.splitlines() if line.startswith("RssAnon:")]
    return sizes[0] / 1024 if sizes else 0.0


def write(seen: Seen, seconds: float) -> None:
    """LARGE_FILE.md, written anew by every run."""
    size = PARTS * PART_BYTES / MIB
    rows = [
        ("File", f"{size:.0f} MiB in {PARTS} parts, {BATCH_PARTS} to an invocation"),
        ("From its last byte to SUCCESS", f"{seen.seconds:.1f} s, {seen.megabytes_a_second:.0f} MiB a second"),
        (
            "Memory of the server before, and its growth at most",
            f"{seen.memory.server_before:.0f} and {seen.memory.growth:.0f} MiB",
        ),
        ("Memory of the largest function at most", f"{seen.memory.worker:.0f} MiB"),
        ("Bytes of the file that a function read", str(seen.read_bytes)),
    ]
    calls = [(name, str(number)) for name, number in sorted(seen.calls.items())]
    runs = [(name, str(number)) for name, number in sorted(seen.invocations.items())]
    RESULTS.write_text(
        f"""# A large file

Written by `make benchmark-large` on {time.strftime("%Y-%m-%d", time.gmtime())}, in {seconds:.0f} s, with the
start of a local cloud. Every part has content of its own, and the checksum of the whole at the target is the one that
was computed at the source. Memory is what no file stands behind; the local cloud keeps large objects in files. Times
are those of this machine, which copies and checks the bytes itself: on AWS, S3 does.

{table(("What", "Seen"), rows)}

Calls of the system for this file:

{table(("Operation", "Calls"), calls)}

{table(("Function", "Invocations"), runs)}
"""
    )


def table(head: tuple[str, str], rows: Sequence[tuple[str, str]]) -> str:
    """A table in Markdown."""
    return "\n".join(f"| {one} | {other} |" for one, other in [head, ("---", "---"), *rows])


if __name__ == "__main__":
    sys.exit(main())
