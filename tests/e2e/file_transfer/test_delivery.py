"""Files arrive by SFTP, by S3 or by message, and are delivered once to every target."""

from __future__ import annotations

from tests.e2e.file_transfer.transfers import Transfers

CONTENT = b"date,account,amount\n2025-06-28,4711,1250.00\n"


def test_the_banks_file_reaches_the_archive_and_the_partner(transfers: Transfers) -> None:
    # Given the workflow copy-sftp-to-s3-and-sftp that ships with the stack
    name = "bankpacific_transactions_2025-06-28.csv"
    before = transfers.queries.latest_status("bankpacific", name)
    if before:
        transfers.next_second(before)

    # When the bank uploads as its own SFTP user
    with transfers.cloud.sftp("bankpacific") as bank:
        bank.put(name, CONTENT)
    item = transfers.eventually(
        lambda: (
            found
            if (found := transfers.queries.latest_status("bankpacific", name))
            and found["status"] == "SUCCESS"
            and (before is None or found["SK"] > before["SK"])
            else None
        ),
        "the bank's file to be delivered",
    )

    # Then both copies hold the bytes, where the workflow says
    year, month = item["SK"][3:7], item["SK"][8:10]
    assert item["target"]["s3"] == f"s3://{transfers.archive}/bankpacific/{year}/{month}/"
    assert transfers.content(transfers.archive, f"bankpacific/{year}/{month}/{name}") == CONTENT
    with transfers.cloud.sftp("partner") as partner:
        assert name in partner.list("/bankpacific")
        assert partner.get(f"/bankpacific/{name}") == CONTENT
    # and the records of the brief tell it
    assert (item["retryCount"], item["workflowId"]) == (0, "copy-sftp-to-s3-and-sftp")
    events = transfers.eventually(
        lambda: [
            e["eventType"] for e in transfers.queries.audit_trail("bankpacific", name) if item["SK"] in e["recordKey"]
        ],
        "the audit trail",
    )
    assert (events[:2], events[4:]) == (["UPLOAD_RECEIVED", "VALIDATED"], ["SUCCESS"])
    assert sorted(events[2:4]) == ["COPY_TO_S3", "COPY_TO_SFTP"]  # they run side by side


def test_a_new_customer_is_one_item(transfers: Transfers) -> None:
    # Given a customer nobody deployed anything for
    route = transfers.route(to=("s3", "sftp"))

    # When it sends a file
    transfers.upload(route, "orders.csv", CONTENT)

    # Then the file is delivered once to each target, and every record is there
    item = transfers.settled(route, "orders.csv")
    assert item["status"] == "SUCCESS"
    for bucket in (transfers.archive, transfers.partner_bucket):
        assert len(transfers.versions(bucket, f"{route.customer}/")) == 1
        assert transfers.content(bucket, f"{route.customer}/orders.csv") == CONTENT
    transfers.assert_complete(route, "orders.csv", item)


def test_a_producer_may_put_into_the_bucket_itself(transfers: Transfers) -> None:
    route = transfers.route(source="S3")

    transfers.s3.put_object(Bucket=transfers.landing, Key=f"{route.prefix}report.csv", Body=CONTENT)

    item = transfers.settled(route, "report.csv")
    assert (item["status"], item["metadata"]["triggeredBy"]) == ("SUCCESS", "S3")
    assert transfers.content(transfers.archive, f"{route.customer}/report.csv") == CONTENT
    transfers.assert_complete(route, "report.csv", item)


def test_the_canonical_message_of_the_brief_starts_a_transfer(transfers: Transfers) -> None:
    # Given an object that no event announces: it lies outside every workflow's prefix
    route = transfers.route(sourcePrefix=None)
    key = f"elsewhere/{route.customer}.csv"
    transfers.s3.put_object(Bucket=transfers.landing, Key=key, Body=CONTENT)

    # When the brief's message names the object and the workflow
    transfers.send(
        {
            "bucket": transfers.landing,
            "key": key,
            "sourceType": "S3",
            "workflowId": route.workflow_id,
            "customerId": route.customer,
            "target": f"s3://{transfers.archive}/{route.customer}/",
            "targetType": "S3",
        }
    )

    # Then it is delivered like any other
    item = transfers.settled(route, f"{route.customer}.csv")
    assert item["status"] == "SUCCESS"
    assert transfers.content(transfers.archive, f"{route.customer}/{route.customer}.csv") == CONTENT


def test_a_rename_from_filepart_is_the_arrival(transfers: Transfers) -> None:
    # Given a client that uploads under a temporary name
    route = transfers.route()
    with transfers.cloud.sftp("tester") as sftp:
        sftp.put(f"{route.sftp_folder}/big.csv.filepart", CONTENT)
        # When it renames the file to its final name
        sftp.rename(f"{route.sftp_folder}/big.csv.filepart", f"{route.sftp_folder}/big.csv")

    # Then one file is delivered and the temporary name never counted
    item = transfers.settled(route, "big.csv")
    assert item["status"] == "SUCCESS"
    assert transfers.queries.latest_status(route.customer, "big.csv.filepart") is None
    assert [v["Key"] for v in transfers.versions(transfers.archive, f"{route.customer}/")] == [
        f"{route.customer}/big.csv"
    ]


def test_every_upload_of_a_name_is_an_arrival_of_its_own(transfers: Transfers) -> None:
    # Given a file that was delivered
    route = transfers.route()
    transfers.upload(route, "daily.csv", b"first")
    first = transfers.settled(route, "daily.csv")
    transfers.next_second(first)

    # When the same name is sent again with other content
    transfers.upload(route, "daily.csv", b"second")
    second = transfers.settled(route, "daily.csv", after=first["SK"])

    # Then both arrivals are on record and the target holds the newer
    assert (first["status"], second["status"]) == ("SUCCESS", "SUCCESS")
    assert [item["SK"] for item in transfers.queries.history(route.customer, "daily.csv")] == [
        second["SK"],
        first["SK"],
    ]
    assert transfers.content(transfers.archive, f"{route.customer}/daily.csv") == b"second"
