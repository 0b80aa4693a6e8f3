"""Live updates of migrations on the local cloud: real handlers behind a WebSocket API, and the tables they work on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from local_cloud.live_session import LiveConnection
from quicksight_migration.records.dynamo_store import DynamoStore
from quicksight_migration.records.job import Job
from quicksight_migration.records.record import changed
from shared.clock import utc_now
from shared.ids import new_id
from shared.live.tickets import Holder, Tickets
from tests.integration.local_cloud.conftest import ACCOUNT, Cloud
from tests.integration.local_cloud.resources import unique
from tests.unit.quicksight_migration.moto_jobs import TABLE as JOBS
from tests.unit.quicksight_migration.moto_jobs import create_jobs_table
from tools.paths import BUILD

PACKAGES = BUILD / "packages"
ANN = Holder("user:ann", frozenset({"view"}), frozenset({"north"}))
ROUTES = ("$connect", "$disconnect", "$default", "subscribe", "unsubscribe", "ping")


def package(name: str) -> bytes:
    """A package that `make package` has built."""
    found: Path = PACKAGES / f"{name}.zip"
    assert found.exists(), f"{found} is missing: build the packages with `make package`"
    return found.read_bytes()


class LiveSystem:
    """As modules/websocket-api and modules/quicksight-migration make it."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud, self.name = cloud, unique("live")
        self.dynamodb, self.functions = cloud.client("dynamodb"), cloud.client("lambda")
        self.gateway = cloud.client("apigatewayv2")
        create_jobs_table(self.dynamodb)
        self.dynamodb.update_table(
            TableName=JOBS, StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}
        )
        self._make_live_table()
        made = self.gateway.create_api(
            Name=self.name, ProtocolType="WEBSOCKET", RouteSelectionExpression="$request.body.action"
        )
        self.api, self.url = made["ApiId"], f"{made['ApiEndpoint']}/live"
        self.arn = f"arn:aws:execute-api:us-east-1:{ACCOUNT}:{self.api}"
        layer = self.functions.publish_layer_version(LayerName=self.name, Content={"ZipFile": package("layer-local")})
        self._layer, self._code = layer["LayerVersionArn"], package("quicksight_migration")
        self.updates_role = ""
        self._make_functions()
        self.store = DynamoStore(self.dynamodb, JOBS)

    @property
    def _posting(self) -> dict[str, Any]:
        return {"Action": "execute-api:ManageConnections", "Resource": f"{self.arn}/live/POST/@connections/*"}

    def _make_live_table(self) -> None:
        keys = (("pk", "HASH"), ("sk", "RANGE"))
        self.dynamodb.create_table(
            TableName=self.name,
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": name, "KeyType": kind} for name, kind in keys],
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name, _ in keys],
        )

    def _make_functions(self) -> None:
        live = f"arn:aws:dynamodb:us-east-1:{ACCOUNT}:table/{self.name}"
        jobs = f"arn:aws:dynamodb:us-east-1:{ACCOUNT}:table/{JOBS}"
        keeping = ["ConditionCheckItem", "DeleteItem", "GetItem", "PutItem", "Query"]
        authorizer = self._function("live_authorizer", {"Action": "dynamodb:DeleteItem", "Resource": live})
        connections = self._function(
            "live_connections",
            {"Action": [f"dynamodb:{name}" for name in keeping], "Resource": live},
            {"Action": "dynamodb:GetItem", "Resource": jobs},
            {"Action": "dynamodb:Query", "Resource": f"{jobs}/index/TimeIndex"},
            self._posting,
        )
        self._make_routes(authorizer, connections)
        finding = {"Action": ["dynamodb:Query", "dynamodb:DeleteItem"], "Resource": live}
        reading = ["DescribeStream", "GetRecords", "GetShardIterator", "ListStreams"]
        stream = self.dynamodb.describe_table(TableName=JOBS)["Table"]["LatestStreamArn"]
        streaming = {"Action": [f"dynamodb:{name}" for name in reading], "Resource": f"{jobs}/stream/*"}
        updates = self._function("job_updates", finding, streaming, self._posting)
        self.updates_role = self.functions.get_function(FunctionName=updates)["Configuration"]["Role"].split("/")[-1]
        only_jobs = json.dumps({"dynamodb": {"Keys": {"record": {"S": ["JOB"]}}}})
        self.functions.create_event_source_mapping(
            EventSourceArn=stream,
            FunctionName=updates,
            StartingPosition="TRIM_HORIZON",
            FunctionResponseTypes=["ReportBatchItemFailures"],
            FilterCriteria={"Filters": [{"Pattern": only_jobs}]},
            MaximumRetryAttempts=3,
        )

    def _function(self, handler: str, *statements: dict[str, Any]) -> str:
        variables = {
            "JOBS_TABLE": JOBS,
            "LIVE_TABLE": self.name,
            "LIVE_CALLBACK_URL": self.url.replace("ws://", "http://"),
            "POWERTOOLS_METRICS_NAMESPACE": "Towpath/QuickSightMigration",
        }
        made = self.functions.create_function(
            FunctionName=unique(handler),
            Runtime="python3.13",
            Role=self.cloud.role("lambda", *statements),
            Handler=f"quicksight_migration.{handler}.handler",
            Code={"ZipFile": self._code},
            Layers=[self._layer],
            Environment={"Variables": variables},
            Timeout=29,
        )
        return str(made["FunctionArn"])

    def _make_routes(self, authorizer: str, handler: str) -> None:
        integration = self.gateway.create_integration(
            ApiId=self.api, IntegrationType="AWS_PROXY", IntegrationUri=invocation(handler)
        )["IntegrationId"]
        ticket = self.gateway.create_authorizer(
            ApiId=self.api,
            Name="ticket",
            AuthorizerType="REQUEST",
            AuthorizerUri=invocation(authorizer),
            IdentitySource=["route.request.querystring.ticket"],
        )["AuthorizerId"]
        for key in ROUTES:
            more = {"AuthorizationType": "CUSTOM", "AuthorizerId": ticket} if key == "$connect" else {}
            self.gateway.create_route(ApiId=self.api, RouteKey=key, Target=f"integrations/{integration}", **more)
        self.gateway.create_stage(ApiId=self.api, StageName="live", AutoDeploy=True)
        for function, source in ((authorizer, f"authorizers/{ticket}"), (handler, "live/*")):
            self.functions.add_permission(
                FunctionName=function,
                StatementId=unique("live"),
                Action="lambda:InvokeFunction",
                Principal="apigateway.amazonaws.com",
                SourceArn=f"{self.arn}/{source}",
            )

    # --- what people and migrations do

    def ticket(self, holder: Holder = ANN) -> str:
        return Tickets(self.dynamodb, self.name).issue(holder).text

    def connect(self, ticket: str = "") -> LiveConnection:
        return LiveConnection(self.cloud.url, self.url, {"ticket": ticket or self.ticket()})

    def start(self, tenant: str = "north") -> Job:
        job = Job(
            job_id=new_id("job", utc_now()),
            tenant_id=tenant,
            created_at="2026-11-21T12:00:00.000000Z",
            updated_at="2026-11-21T12:00:00.000000Z",
            initiated_by="user:ann",
            source_account_id="111111111111",
            target_account_id="222222222222",
        )
        assert self.store.write([job])
        return job

    def move(self, job: Job, **changes: Any) -> Job:
        """The job's next revision."""
        after = changed(job, **changes)
        assert self.store.write([after])
        return after

    def let_post(self, allowed: bool) -> None:
        """Gives the function that tells updates its permission to post, or takes it away."""
        statement = {"Effect": "Allow" if allowed else "Deny", **self._posting}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        self.cloud.client("iam").put_role_policy(RoleName=self.updates_role, PolicyName="post", PolicyDocument=policy)

    def rows(self) -> list[tuple[str, str]]:
        items = self.dynamodb.scan(TableName=self.name)["Items"]
        return sorted((item["pk"]["S"], item["sk"]["S"]) for item in items)


def invocation(function_arn: str) -> str:
    return f"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{function_arn}/invocations"
