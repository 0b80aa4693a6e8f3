"""What the steps of bundle jobs have in hand: the agenda, permissions, and the objects of S3."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from local_cloud.quicksight.errors import refusal
from local_cloud.quicksight.permissions import Authorise, Need
from local_cloud.quicksight.state import State
from local_cloud.simulation.agenda import Agenda
from local_cloud.simulation.clock import Stamp


class ObjectRefused(Exception):
    """An object of S3 that the caller does not get: `code` as S3 gives it, such as AccessDenied or NoSuchKey."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code, self.message = code, message


Objects = Callable[[str, str, str], bytes]
"""Principal, account and `s3://…` → the object, read with the principal's permissions. Raises ObjectRefused."""


def no_objects(_principal: str, _account: str, uri: str) -> bytes:
    """There are none: for simulations without imports from S3."""
    raise ObjectRefused("NoSuchKey", f"{uri} does not exist")


class Engine(Agenda[State]):
    """The agenda of one account, and what it asks others."""

    def __init__(self, state: State, objects: Objects, authorise: Authorise) -> None:
        super().__init__(state)
        self.objects, self.authorise = objects, authorise

    def require(self, principal: str, needs: Sequence[Need], job: str, at: Stamp) -> None:
        """Raises ApiError AccessDeniedException naming what the principal lacks; noted in the state's `denials`."""
        denied = self.authorise(principal, needs)
        for action in denied:
            self.state.denials.append({"principal": principal, "action": action, "job": job, "time": at})
        if denied:
            text = f"{principal} is not authorized to perform: {', '.join(dict.fromkeys(denied))}"
            raise refusal("AccessDeniedException", text)
