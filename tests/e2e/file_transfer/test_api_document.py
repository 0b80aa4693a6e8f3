"""The running API keeps to its OpenAPI document: schemathesis makes requests of it, right and wrong ones."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

from file_transfer.api.routes import API
from tests.e2e.file_transfer.people import People
from tests.e2e.file_transfer.transfers import Transfers

HERE = Path(__file__).parent
DOCUMENT = HERE.parents[2] / "docs/api/file-transfer.openapi.json"
#: Seconds of the whole run; a tenth of it is enough on an idle machine.
MOST_SECONDS = 300


def test_the_api_answers_as_its_document_says(transfers: Transfers, tmp_path: Path) -> None:
    # Given the document, a token of somebody who may do everything, and a failure with its notification
    people = People(transfers)
    route = people.rejected(["a.csv"])
    notified = f"/notifications?customerId={route.customer}&fileName=a.csv"
    people.eventually(lambda: bool(people.items(notified)), "the notification", 60)
    keys = {
        "TOWPATH_TRANSFER_KEY": people.key_of(route, "a.csv"),
        "TOWPATH_NOTIFICATION_KEY": people.items(notified)[0]["notificationKey"],
    }
    address = urlsplit(people.system["api_endpoint"])
    command = [
        str(Path(sys.executable).with_name("schemathesis")),
        "--config-file",
        str(HERE / "schemathesis.toml"),
        "run",
        str(DOCUMENT),
        "--url",
        f"http://127.0.0.1:{address.port}",
        "--header",
        f"Host: {address.netloc}",
        "--header",
        f"Authorization: Bearer {people.token('chief')}",
        "--phases",
        "coverage,fuzzing",
        "--continue-on-failure",
        "--no-color",
    ]
    # When it asks for everything, in all ways that the document allows and some that it does not
    env = {**os.environ, **keys}
    run = subprocess.run(
        command, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=MOST_SECONDS, check=False
    )
    # Then no answer is another than the document says, and none is a fault
    assert run.returncode == 0, re.sub(r"(.)\1{40,}", r"\1…", run.stdout)[-6000:] + run.stderr[-2000:]
    found = re.search(r"Tested: (\d+)", run.stdout)
    assert found and int(found[1]) == len(API.routes), run.stdout[-2000:]
    assert people.ok("GET", f"/workflows/{route.workflow_id}")["version"] >= 1
