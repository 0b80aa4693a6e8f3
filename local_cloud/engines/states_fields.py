"""Which fields each state type may have, in each query language (Amazon States Language specification)."""

from __future__ import annotations

_EVERY = {"Type", "Comment", "QueryLanguage"}
_FLOW = {"Next", "End"}
_FAILING = {"Retry", "Catch"}
_OWN = {
    "Pass": _FLOW | {"Assign"},
    "Task": _FLOW | _FAILING | {"Assign", "Resource", "TimeoutSeconds", "HeartbeatSeconds", "Credentials"},
    "Choice": {"Assign", "Choices", "Default"},
    "Wait": _FLOW | {"Assign", "Seconds", "Timestamp"},
    "Succeed": set(),
    "Fail": {"Error", "Cause"},
    "Parallel": _FLOW | _FAILING | {"Assign", "Branches"},
    "Map": _FLOW
    | _FAILING
    | {"Assign", "ItemProcessor", "Iterator", "ItemSelector", "ItemReader", "ItemBatcher", "ResultWriter", "Label"}
    | {"MaxConcurrency", "ToleratedFailureCount", "ToleratedFailurePercentage"},
}
_JSONATA = {
    "Pass": {"Output"},
    "Task": {"Arguments", "Output"},
    "Choice": {"Output"},
    "Wait": {"Output"},
    "Succeed": {"Output"},
    "Parallel": {"Arguments", "Output"},
    "Map": {"Items", "Output"},
}
_PATHS = {"InputPath", "OutputPath"}
_JSONPATH = {
    "Pass": _PATHS | {"Parameters", "Result", "ResultPath"},
    "Task": _PATHS | {"Parameters", "ResultSelector", "ResultPath", "TimeoutSecondsPath", "HeartbeatSecondsPath"},
    "Choice": _PATHS,
    "Wait": _PATHS | {"SecondsPath", "TimestampPath"},
    "Succeed": _PATHS,
    "Fail": {"ErrorPath", "CausePath"},
    "Parallel": _PATHS | {"Parameters", "ResultSelector", "ResultPath"},
    "Map": _PATHS
    | {"Parameters", "ItemsPath", "ResultSelector", "ResultPath"}
    | {"MaxConcurrencyPath", "ToleratedFailureCountPath", "ToleratedFailurePercentagePath"},
}
TYPES = frozenset(_OWN)
TERMINAL = frozenset({"Choice", "Succeed", "Fail"})
MACHINE = frozenset({"Comment", "StartAt", "States", "TimeoutSeconds", "Version", "QueryLanguage", "ProcessorConfig"})


def allowed(kind: str, language: str) -> set[str]:
    """The fields that a state of this type may have."""
    by_language = _JSONATA if language == "JSONata" else _JSONPATH
    return _EVERY | _OWN[kind] | by_language.get(kind, set())
