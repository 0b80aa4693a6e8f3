"""The local cloud: AWS on one machine, offline.

`ministack` (one process, one port) plus the files of this package, each of which closes one gap between it and AWS.
Start with `python -m local_cloud up`; the server itself is `python -m local_cloud.server`.
"""

import sys
from pathlib import Path

_CODE = str(Path(__file__).resolve().parents[1] / "lambda_src")
# What the systems share (`shared`) is used here too, and the server is started without the path that tests have.
if _CODE not in sys.path:
    sys.path.append(_CODE)
