"""A local QuickSight: a simulator without network, and the service of the local cloud around it."""

from local_cloud.aws_models.errors import AnswerBreaksModel, ApiError, LostResponse
from local_cloud.quicksight.bundle import DownloadRefused
from local_cloud.quicksight.engine import ObjectRefused
from local_cloud.quicksight.injections import BadInjection
from local_cloud.quicksight.seeds import BadSeed
from local_cloud.quicksight.simulator import Simulator
from local_cloud.simulation.clock import Clock, ManualClock, SystemClock, moment, stamp

__all__ = [
    "AnswerBreaksModel",
    "ApiError",
    "BadInjection",
    "BadSeed",
    "Clock",
    "DownloadRefused",
    "LostResponse",
    "ManualClock",
    "ObjectRefused",
    "Simulator",
    "SystemClock",
    "moment",
    "stamp",
]
