"""The command line of Towpath: every system, over its API or straight over AWS credentials.

The handlers' own logic (queries, schemas, the break-glass run) is used, not copied: it lies in `lambda_src` of a
checkout, or beside this file when the package was installed.
"""

import sys
from pathlib import Path

__version__ = "0.3.0"

_HERE = Path(__file__).resolve().parent
_SOURCES = (_HERE / "lambda_src", _HERE.parents[1] / "lambda_src")

for _folder in _SOURCES:
    if _folder.is_dir() and str(_folder) not in sys.path:
        sys.path.insert(0, str(_folder))
        break
