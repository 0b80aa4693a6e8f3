"""How many runs the properties are tried on: few and always the same by default, more and new ones when asked for.

TOWPATH_PROPERTY_EXAMPLES=2000 python -m pytest tests/properties
"""

from __future__ import annotations

import logging
import os

from hypothesis import HealthCheck, Phase, settings

EXAMPLES = int(os.environ.get("TOWPATH_PROPERTY_EXAMPLES", "0"))
DEFAULT_EXAMPLES = 45

# The handlers log and count as they do in Lambda; here it would only be noise.
os.environ.update(
    AWS_DEFAULT_REGION="eu-west-1",
    LOG_LEVEL="CRITICAL",
    POWERTOOLS_LOG_LEVEL="CRITICAL",
    POWERTOOLS_METRICS_NAMESPACE="Towpath/DisasterRecovery",
    POWERTOOLS_SERVICE_NAME="disaster-recovery",
    POWERTOOLS_METRICS_DISABLED="true",
)
logging.getLogger("botocore").setLevel(logging.WARNING)

settings.register_profile(
    "properties",
    max_examples=EXAMPLES or DEFAULT_EXAMPLES,
    deadline=None,
    derandomize=not EXAMPLES,
    database=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
    phases=[Phase.explicit, Phase.generate, Phase.shrink],
)
settings.load_profile("properties")
