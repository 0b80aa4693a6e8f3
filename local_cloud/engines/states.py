"""Step Functions: ministack's API in front, the walking through machines as AWS documents it.

ministack 1.5.33 waits 150 ms per Express execution, calls other services without asking IAM, knows few of them, and
accepts every definition. The files `states_*.py` next to this one replace its interpreter; versions, aliases, tags,
activities, Map Runs and the records of Standard executions stay ministack's.
"""

from __future__ import annotations

from typing import Any

from ministack.services import stepfunctions as engine

from local_cloud.engines import (
    states_answers,
    states_branches,
    states_events,
    states_executions,
    states_interpreter,
    states_machines,
    states_permissions,
    states_requests,
    states_test_state,
)
from local_cloud.engines.states_errors import Json
from local_cloud.symbols import PatchedSymbol

_MODULE = "ministack.services.stepfunctions"
_PATCHED = {
    "_ExecutionError": "82f3c23a59f9bf3c",
    "_apply_input_path": "65be3f02951797de",
    "_apply_output_path": "e9cfd00672448961",
    "_apply_parameters": "a90d58220630d580",
    "_apply_result_path": "829ba9afcde96ada",
    "_apply_result_path_raw": "285583b200788b48",
    "_apply_result_selector": "2c9e674e99b411de",
    "_create_state_machine": "4bc1231dda6925d2",
    "_describe_execution": "c3ad294ad8b5070a",
    "_describe_state_machine": "12f03d98a47ad0cc",
    "_emit_execution_status_event": "9c89e45693e353eb",
    "_execute_choice": "468955fcd4a438d2",
    "_execute_pass": "b1dff47048bcf8e1",
    "_fail_state_field": "0bfc6a7a3f4b0b18",
    "_get_execution_history": "e865bdd85d5d89cd",
    "_invoke_resource": "a85d2be9a8584ce0",
    "_iso_to_epoch_ms": "7feda6fbce176e78",
    "_list_executions": "741208b3007744b3",
    "_register_sfn_jsonata_functions": "907f3ecf2da3e168",
    "_resolve_params_obj": "d41c2e27dd1b00a5",
    "_resolve_path_or_ctx": "39841ce14aefd1c1",
    "_resolve_state_machine_arn": "e054a309ee54fa0f",
    "_run_distributed_map": "2b77d3ec0e04f8f1",
    "_run_execution": "996dff84e0e0605a",
    "_run_sub_machine": "f8d844168b1459f8",
    "_send_task_failure": "c2a489b4ed330840",
    "_send_task_heartbeat": "56879a4655d159a2",
    "_send_task_success": "12eff48bce57f5ab",
    "_start_execution": "9923282fc76c57b9",
    "_start_sync_execution": "8600470a0208036c",
    "_stop_execution": "44d2d84ccd5c9702",
    "_test_state": "f408b75eedff9a94",
    "_update_state_machine": "476e0deee6a3d66b",
    "_validate_state_machine_definition": "91730eff85850db0",
    "handle_request": "efa6e8c4532a9e05",
    "reset": "80aa7bd9644d082a",
}
SYMBOLS = (*(PatchedSymbol(_MODULE, name, digest) for name, digest in _PATCHED.items()), *states_permissions.SYMBOLS)


def install() -> None:
    """Puts our functions in the place of ministack's; its dispatcher finds them by name."""
    states_permissions.install()
    engine._create_state_machine = states_machines.create
    engine._update_state_machine = states_machines.update
    engine._describe_state_machine = states_machines.describe
    engine._validate_state_machine_definition = states_machines.validate
    engine._test_state = states_test_state.test_state
    engine._start_execution = states_executions.start
    engine._start_sync_execution = states_executions.start_sync
    engine._stop_execution = states_executions.stop
    engine._send_task_success = states_answers.succeed
    engine._send_task_failure = states_answers.fail
    engine._send_task_heartbeat = states_answers.heartbeat
    engine._run_execution = states_executions.run_standard
    engine._emit_execution_status_event = states_events.emit
    engine._run_sub_machine = _run_distributed_item
    engine.reset = states_executions.reset
    for name in ("_describe_execution", "_get_execution_history", "_list_executions"):
        setattr(engine, name, states_requests.about_standard(getattr(engine, name)))


def _run_distributed_item(
    states: dict[str, Any], start: str, data: Json, _record: dict[str, Any], context: dict[str, Any]
) -> Json:
    return states_branches.run_distributed_item(states_interpreter.run_machine, states, start, data, context)
