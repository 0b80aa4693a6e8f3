"""SFTP users that a function knows: keys, passwords, session policies, homes; and what the server's log says."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncssh
import pytest
from botocore.exceptions import ClientError

from local_cloud.sftp_login import SftpLogin

from . import resources
from .conftest import ACCOUNT, Cloud, eventually


@dataclass
class Site:
    """A server whose users a function knows. What the function answers stands in its environment."""

    cloud: Cloud
    bucket: str
    server_id: str
    function: str
    role: str
    key_path: Path
    group: str

    @property
    def user(self) -> str:
        return f"u-{self.bucket}"

    def knows(self, **answer: Any) -> None:
        """Lets the function answer this, whoever is asked about; an empty home is added where none is given."""
        home = json.dumps([{"Entry": "/", "Target": f"/{self.bucket}/home"}])
        known = {"Role": self.role, "HomeDirectoryType": "LOGICAL", "HomeDirectoryDetails": home, **answer}
        self.answers(known)

    def answers(self, answer: Any) -> None:
        variables = {"ANSWER": json.dumps(answer)}
        self.cloud.client("lambda").update_function_configuration(
            FunctionName=self.function, Environment={"Variables": variables}
        )

    def public_key(self) -> str:
        return asyncssh.read_private_key(self.key_path).export_public_key().decode().strip()

    def by_key(self, **more: Any) -> SftpLogin:
        return SftpLogin("127.0.0.1", self.cloud.sftp_port, self.user, str(self.key_path), **more)

    def by_password(self, password: str = "secret", **more: Any) -> SftpLogin:
        return SftpLogin("127.0.0.1", self.cloud.sftp_port, self.user, password=password, **more)

    def events(self) -> list[dict[str, Any]]:
        """What the function was told, which it repeats in its log."""
        group = f"/aws/lambda/{self.function.rpartition(':')[2]}"
        found = self.cloud.client("logs").filter_log_events(logGroupName=group, filterPattern='"TOLD"')["events"]
        return [json.loads(event["message"].partition("TOLD ")[2]) for event in found]

    def lines(self, activity: str) -> list[dict[str, Any]]:
        """The lines of the server's log about an activity."""
        pattern = f'{{ $.activity-type = "{activity}" }}'
        found = self.cloud.client("logs").filter_log_events(logGroupName=self.group, filterPattern=pattern)["events"]
        return [json.loads(event["message"]) for event in found]


CODE = """
import json, os

def handler(event, context):
    print("TOLD " + json.dumps(event))
    return json.loads(os.environ.get("ANSWER", "{}"))
"""


@pytest.fixture
def site(cloud: Cloud, tmp_path: Path) -> Iterator[Site]:
    name = f"site-{uuid.uuid4().hex[:8]}"
    cloud.client("s3").create_bucket(Bucket=name)
    logs, group = cloud.client("logs"), f"/aws/vendedlogs/transfer/{name}"
    logs.create_log_group(logGroupName=group)
    function = resources.function(cloud, CODE)
    logs.create_log_group(logGroupName=f"/aws/lambda/{function.rpartition(':')[2]}")
    role = cloud.role(
        "transfer",
        {"Action": "s3:ListBucket", "Resource": f"arn:aws:s3:::{name}"},
        {"Action": ["s3:PutObject", "s3:GetObject", "s3:DeleteObject"], "Resource": f"arn:aws:s3:::{name}/*"},
    )
    server_id = cloud.client("transfer").create_server(
        IdentityProviderType="AWS_LAMBDA",
        IdentityProviderDetails={"Function": function},
        StructuredLogDestinations=[f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:{group}:*"],
    )["ServerId"]
    cloud.client("lambda").add_permission(
        FunctionName=function,
        StatementId="transfer",
        Action="lambda:InvokeFunction",
        Principal="transfer.amazonaws.com",
        SourceArn=f"arn:aws:transfer:us-east-1:{ACCOUNT}:server/{server_id}",
    )
    key_path = tmp_path / "key"
    asyncssh.generate_private_key("ssh-ed25519").write_private_key(key_path)
    yield Site(cloud, name, server_id, function, role, key_path, group)
    cloud.control("DELETE", "faults")
    cloud.client("transfer").delete_server(ServerId=server_id)


def test_a_user_gets_in_with_a_key_that_the_function_knows(site: Site) -> None:
    # Given a user with two keys
    site.knows(PublicKeys=["ssh-ed25519 AAAA", site.public_key()])

    # When the user uploads a file, from an address of theirs
    with site.by_key(source="127.0.0.9") as sftp:
        sftp.put("a.csv", b"1")

    # Then it is below the user's home, and marked as Transfer Family's
    head = site.cloud.client("s3").head_object(Bucket=site.bucket, Key="home/a.csv")
    assert head["Metadata"] == {"user-agent": "AWSTransfer", "user-agent-id": f"{site.user}@{site.server_id}"}

    # And the function was asked once
    assert site.events() == [
        {
            "username": site.user,
            "password": "",
            "protocol": "SFTP",
            "serverId": site.server_id,
            "sourceIp": "127.0.0.9",
        }
    ]


def test_a_user_gets_in_with_a_password_that_the_function_accepts(site: Site) -> None:
    # Given a user
    site.knows()

    # When the user logs in with a password
    with site.by_password("s3cret") as sftp:
        sftp.put("a.csv", b"1")

        # Then the home is all there is
        assert sftp.list("/../..") == ["a.csv"]
    assert [event["password"] for event in site.events()] == ["s3cret"]


@pytest.mark.parametrize(
    "answer",
    [{}, None, "no", {"PublicKeys": []}, {"Role": "arn:aws:iam::000000000000:role/nobody"}],
    ids=["nothing", "null", "a text", "no role", "an unknown role"],
)
def test_whom_the_function_does_not_know_stays_out(site: Site, answer: Any) -> None:
    # Given a function that does not say who somebody is
    site.answers(answer)

    # When somebody tries a password and a key, then neither lets them in, and the log says so
    with pytest.raises(asyncssh.PermissionDenied), site.by_password():
        pass
    with pytest.raises(asyncssh.PermissionDenied), site.by_key():
        pass
    failures = eventually(lambda: len(lines := site.lines("AUTH_FAILURE")) > 1 and lines)
    assert {line["method"] for line in failures} == {"password", "publickey"}
    assert {line["user"] for line in failures} == {site.user}


def test_another_key_stays_out(site: Site) -> None:
    site.knows(PublicKeys=[asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode()])
    with pytest.raises(asyncssh.PermissionDenied), site.by_key():
        pass


def test_a_function_that_does_not_let_transfer_family_in_is_not_called(site: Site) -> None:
    # Given a function without the permission
    site.knows()
    site.cloud.client("lambda").remove_permission(FunctionName=site.function, StatementId="transfer")

    # When somebody logs in, then nobody was asked
    with pytest.raises(asyncssh.PermissionDenied), site.by_password():
        pass
    assert site.events() == []


def test_a_server_may_want_keys_only(site: Site) -> None:
    # Given a server that takes no passwords
    site.knows(PublicKeys=[site.public_key()])
    details = {"Function": site.function, "SftpAuthenticationMethods": "PUBLIC_KEY"}
    site.cloud.client("transfer").update_server(ServerId=site.server_id, IdentityProviderDetails=details)

    # Then a key opens, and a password does not
    with site.by_key() as sftp:
        assert sftp.list() == []
    with pytest.raises(asyncssh.PermissionDenied), site.by_password():
        pass


def test_a_session_policy_narrows_the_role(site: Site) -> None:
    # Given a user whose policy allows writing below one folder, named by the user
    objects = f"arn:aws:s3:::{site.bucket}/home/${{transfer:UserName}}/*"
    statements = [
        {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "*"},
        {"Effect": "Allow", "Action": "s3:PutObject", "Resource": objects},
    ]
    site.knows(PublicKeys=[site.public_key()], Policy=json.dumps({"Version": "2012-10-17", "Statement": statements}))

    # When the user writes there, writes elsewhere, and reads
    with site.by_key() as sftp:
        sftp.put(f"{site.user}/a.csv", b"1")
        with pytest.raises(asyncssh.SFTPPermissionDenied):
            sftp.put("a.csv", b"1")
        with pytest.raises(asyncssh.SFTPPermissionDenied):
            sftp.get(f"{site.user}/a.csv")

    # Then only the first was possible, whatever the role allows
    [found] = site.cloud.client("s3").list_objects_v2(Bucket=site.bucket)["Contents"]
    assert found["Key"] == f"home/{site.user}/a.csv"


def test_a_policy_never_widens_the_role(site: Site) -> None:
    # Given a role that may only list, and a policy that allows all
    role = site.cloud.role("transfer", {"Action": "s3:ListBucket", "Resource": f"arn:aws:s3:::{site.bucket}"})
    everything = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [everything]})
    site.knows(Role=role, PublicKeys=[site.public_key()], Policy=policy)

    # When the user writes, then the role decides
    with site.by_key() as sftp, pytest.raises(asyncssh.SFTPPermissionDenied):
        sftp.put("a.csv", b"1")


@pytest.mark.parametrize("policy", ["no JSON", "{}" + " " * 2048], ids=["no policy", "too long"])
def test_a_policy_that_sts_would_refuse_keeps_the_user_out(site: Site, policy: str) -> None:
    site.knows(PublicKeys=[site.public_key()], Policy=policy)
    with pytest.raises(asyncssh.PermissionDenied), site.by_key():
        pass


def test_the_log_tells_the_story_of_a_session(site: Site) -> None:
    # Given a user
    site.knows(PublicKeys=[site.public_key()])

    # When the user uploads, reads, renames and deletes a file
    with site.by_key() as sftp:
        sftp.put("a.part", b"12345")
        sftp.get("a.part")
        sftp.rename("a.part", "a.csv")

    # Then each is a line, with the path in the bucket
    eventually(lambda: site.lines("DISCONNECTED"))
    [connected], [renamed] = site.lines("CONNECTED"), site.lines("RENAME")
    session_id = connected["session-id"]
    assert (connected["user"], connected["role"], connected["home-dir"]) == (site.user, site.role, "/")
    assert (connected["source-ip"], connected["ssh-public-key-type"]) == ("127.0.0.1", "ssh-ed25519")
    assert connected["client"].startswith("SSH-2.0-")
    part, final = f"/{site.bucket}/home/a.part", f"/{site.bucket}/home/a.csv"
    arn = f"arn:aws:transfer:us-east-1:{ACCOUNT}:server/{site.server_id}"
    about = {"path": part, "resource-arn": arn, "session-id": session_id}
    assert site.lines("OPEN") == [
        {**about, "activity-type": "OPEN", "mode": "CREATE|TRUNCATE|WRITE"},
        {**about, "activity-type": "OPEN", "mode": "READ"},
    ]
    assert site.lines("CLOSE") == [
        {**about, "activity-type": "CLOSE", "bytes-in": "5"},
        {**about, "activity-type": "CLOSE", "bytes-out": "5"},
    ]
    assert (renamed["path"], renamed["new-path"]) == (part, final)


def test_a_file_that_was_cut_off_has_no_close(site: Site) -> None:
    # Given a user
    site.knows(PublicKeys=[site.public_key()])

    # When the connection ends in the middle of an upload
    with site.by_key() as sftp:
        sftp.put_and_hang_up("half.csv", b"ha")

    # Then the log knows it, by the path that the object has
    pattern = f'{{ ($.path = "/{site.bucket}/home/half.csv") && ($.activity-type = "PARTIAL_CLOSE") }}'
    logs = site.cloud.client("logs")
    [event] = eventually(lambda: logs.filter_log_events(logGroupName=site.group, filterPattern=pattern)["events"])
    assert json.loads(event["message"])["bytes-in"] == "2"
    assert site.lines("CLOSE") == []


def test_a_refused_file_is_an_error_in_the_log(site: Site) -> None:
    # Given a user whose role may not write
    role = site.cloud.role("transfer", {"Action": "s3:ListBucket", "Resource": f"arn:aws:s3:::{site.bucket}"})
    site.knows(Role=role, PublicKeys=[site.public_key()])

    # When the user writes
    with site.by_key() as sftp, pytest.raises(asyncssh.SFTPPermissionDenied):
        sftp.put("a.csv", b"1")

    # Then there is no CLOSE but an ERROR
    [line] = site.lines("ERROR")
    assert (line["path"], line["operation"]) == (f"/{site.bucket}/home/a.csv", "CLOSE")
    assert site.lines("CLOSE") == []


def test_a_line_of_the_log_can_get_lost(site: Site) -> None:
    # Given a rule about lines that say CLOSE
    site.knows(PublicKeys=[site.public_key()])
    rule = {"service": "transfer", "operation": "WriteLog", "resource": "*:CLOSE:*"}
    site.cloud.control("POST", "faults", {"rules": [{**rule, "action": {"type": "error", "code": "Lost"}}]})

    # When a file is uploaded, then only that line is missing
    with site.by_key() as sftp:
        sftp.put("a.csv", b"1")
    eventually(lambda: site.lines("DISCONNECTED"))
    assert (len(site.lines("OPEN")), site.lines("CLOSE")) == (1, [])


def test_the_provider_can_be_tried_with_a_password(site: Site) -> None:
    # Given a user
    site.knows()
    transfer = site.cloud.client("transfer")

    # When the provider is tested
    tested = transfer.test_identity_provider(
        ServerId=site.server_id, UserName=site.user, UserPassword="secret", SourceIp="10.0.0.1", ServerProtocol="SFTP"
    )

    # Then it shows what the function said, and what it was told
    assert (tested["StatusCode"], json.loads(tested["Response"])["Role"]) == (200, site.role)
    assert [(event["password"], event["sourceIp"]) for event in site.events()] == [("secret", "10.0.0.1")]


def test_a_server_with_a_provider_has_no_users_of_its_own(site: Site) -> None:
    transfer = site.cloud.client("transfer")
    with pytest.raises(transfer.exceptions.InvalidRequestException):
        transfer.create_user(ServerId=site.server_id, UserName="someone", Role=site.role)


def test_a_service_managed_server_has_nothing_to_test(cloud: Cloud) -> None:
    transfer = cloud.client("transfer")
    server_id = transfer.create_server()["ServerId"]
    with pytest.raises(ClientError, match="not configured for external auth"):
        transfer.test_identity_provider(ServerId=server_id, UserName="someone")
