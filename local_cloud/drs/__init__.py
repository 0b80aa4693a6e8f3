"""A local Elastic Disaster Recovery: a simulator without network, and the service of the local cloud around it."""

from local_cloud.aws_models.errors import AnswerBreaksModel, ApiError, LostResponse
from local_cloud.drs.injections import BadInjection
from local_cloud.drs.inventory import BadInventory
from local_cloud.drs.simulator import Simulator
from local_cloud.simulation.clock import Clock, ManualClock, SystemClock

__all__ = [
    "AnswerBreaksModel",
    "ApiError",
    "BadInjection",
    "BadInventory",
    "Clock",
    "LostResponse",
    "ManualClock",
    "Simulator",
    "SystemClock",
]
