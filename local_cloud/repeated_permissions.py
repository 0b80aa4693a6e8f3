"""AddPermission that comes again, word for word, is answered as the first time.

A client whose connection breaks sends a request again, and Lambda then refuses the statement as already there.
Terraform takes that for something that will pass and asks for five minutes, then fails: on a busy machine an apply in
some twenty ended so. AWS refuses also the same statement; here only a different one of the same id is refused.
"""

from __future__ import annotations

from typing import Any

from ministack.services import lambda_svc

from local_cloud.symbols import PatchedSymbol

SYMBOLS = (PatchedSymbol("ministack.services.lambda_svc", "_add_permission", "d0f846365868caa5"),)
_CONFLICT = 409


def install() -> None:
    """Wraps ministack's operation."""
    add = lambda_svc._add_permission

    def add_or_repeat(func_name: str, data: dict[str, Any], *more: Any) -> Any:
        answer = add(func_name, data, *more)
        if answer[0] != _CONFLICT:
            return answer
        statements = lambda_svc._functions[func_name]["policy"]["Statement"]
        before = list(statements)
        [there] = [each for each in before if each.get("Sid") == data.get("StatementId")]
        statements.remove(there)
        repeated = add(func_name, data, *more)
        same = statements[-1] == there
        statements[:] = before
        return repeated if same else answer

    lambda_svc._add_permission = add_or_repeat
