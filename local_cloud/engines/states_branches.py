"""Parallel branches and Map iterations."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from ministack.services import stepfunctions as engine

from local_cloud.engines import states_data, states_jsonata
from local_cloud.engines.states_errors import ExecutionError, Json
from local_cloud.engines.states_model import Group, Scope, State, check_size

# "Concurrent iterations: up to 40" of a Map state in inline mode (Map state processing modes).
_INLINE_CONCURRENCY = 40

Runner = Callable[[Scope, dict[str, Any], Json], Json]


def run_parallel(scope: Scope, state: State, data: Json, run: Runner) -> Json:
    """Runs all branches at the same time; the output is the array of theirs."""
    entered = states_data.arguments(scope, state, data)
    scope.execution.history.add("ParallelStateStarted")

    def branch(machine: dict[str, Any], group: Group) -> Json:
        return run(scope.child(group), machine, copy.deepcopy(entered))

    jobs = [partial(branch, machine) for machine in state["Branches"]]
    results = scope.run_all(jobs, len(jobs))
    scope.execution.history.add("ParallelStateSucceeded")
    check_size(results, f"state/task '{scope.context['State']['Name']}'")
    return states_data.output(scope, state, data, results)


def run_map(scope: Scope, state: State, data: Json, run: Runner) -> Json:
    """Runs the item processor once per item; the output is the array of the results in the order of the items."""
    processor = state.get("ItemProcessor") or state["Iterator"]
    distributed = (processor.get("ProcessorConfig") or {}).get("Mode") == "DISTRIBUTED"
    if distributed:
        return states_data.output(scope, state, data, _run_distributed(scope, state, data, processor))
    items = _items(scope, state, data)
    limit = states_data.number(scope, state, "MaxConcurrency", data) or _INLINE_CONCURRENCY
    history, name = scope.execution.history, scope.context["State"]["Name"]
    history.add("MapStateStarted", lambda: {"length": len(items)})

    def iteration(index: int, group: Group) -> Json:
        inner = scope.child(group, Map={"Item": {"Index": index, "Value": items[index]}})
        history.add("MapIterationStarted", lambda: {"name": name, "index": index})
        result = run(inner, processor, _item_input(inner, state, data, items[index]))
        history.add("MapIterationSucceeded", lambda: {"name": name, "index": index})
        return result

    jobs = [partial(iteration, index) for index in range(len(items))]
    results = scope.run_all(jobs, min(int(limit), _INLINE_CONCURRENCY))
    history.add("MapStateSucceeded")
    check_size(results, f"state/task '{name}'")
    return states_data.output(scope, state, data, results)


def _items(scope: Scope, state: State, data: Json) -> Sequence[Json]:
    if states_data.is_jsonata(scope, state):
        items = states_jsonata.field(scope, state, "Items", "array", data) if "Items" in state else data
    else:
        chosen = engine._apply_input_path(state, data, scope.context)
        items = engine._resolve_path_or_ctx(state.get("ItemsPath", "$"), chosen, scope.context)
    if not isinstance(items, list):
        raise ExecutionError("States.Runtime", "The items of a Map state must be an array.")
    return items


def _item_input(scope: Scope, state: State, data: Json, item: Json) -> Json:
    selector = state.get("ItemSelector") or state.get("Parameters")
    if not selector:
        return copy.deepcopy(item)
    if states_data.is_jsonata(scope, state):
        return states_jsonata.template(scope, selector, data)
    return engine._resolve_params_obj(selector, engine._apply_input_path(state, data, scope.context), scope.context)


def _run_distributed(scope: Scope, state: State, data: Json, processor: dict[str, Any]) -> Json:
    """ministack keeps the Map Run and its child executions; items and their inputs are made here when it can be."""
    context = {**scope.context, "_scope": _Carried(scope)}
    shape = {key: state[key] for key in state if key not in ("Output", "Assign", "ResultSelector", "ResultPath", "End")}
    if states_data.is_jsonata(scope, state) and "MaxConcurrency" in state:
        shape["MaxConcurrency"] = states_data.number(scope, state, "MaxConcurrency", data)
    items = engine._apply_input_path(state, data, scope.context)
    if "ItemReader" not in state:
        items = _inputs(scope, state, data)
        shape = {key: shape[key] for key in shape if key not in ("Items", "ItemsPath", "ItemSelector", "Parameters")}
    results, _ = engine._run_distributed_map(
        {**shape, "OutputPath": "$"}, items, items, processor, scope.execution.record, context
    )
    return results


def _inputs(scope: Scope, state: State, data: Json) -> list[Json]:
    items = _items(scope, state, data)
    lone = Group(scope.execution, [None], 1)
    return [
        _item_input(scope.child(lone, Map={"Item": {"Index": i, "Value": item}}), state, data, item)
        for i, item in enumerate(items)
    ]


class _Carried:
    """Takes the scope through ministack's distributed map, which copies the context for every item."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope

    def __deepcopy__(self, _: object) -> _Carried:
        return self


def run_distributed_item(run: Runner, states: dict[str, Any], start: str, data: Json, context: dict[str, Any]) -> Json:
    """One item of a distributed map: what ministack calls instead of its own interpreter.

    Unlike inline iterations it does not see the variables of the state machine around it.
    """
    outer = context.pop("_scope").scope
    inner = outer.child(Group(outer.execution, [None], 1), **{k: v for k, v in context.items() if k == "Map"})
    inner.variables.clear()
    return run(inner, {"StartAt": start, "States": states}, data)
