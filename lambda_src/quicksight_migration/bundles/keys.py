"""Where the files of a job lie, and what its bundle jobs are called."""

from __future__ import annotations

EXPORT, BACKUP, IMPORT, RESTORE = "export", "backup", "import", "restore"


def document_key(job_id: str, name: str, attempt: int) -> str:
    """In the bundle bucket: `name` is preflight, plan, results, manifest or verify."""
    return f"jobs/{job_id}/{name}-A{attempt}.json"


def bundle_key(job_id: str, kind: str, attempt: int, chunk: int) -> str:
    """In the bundle bucket: `kind` is EXPORT or BACKUP, attempt and chunk those of the bundle job that made it."""
    return f"jobs/{job_id}/{kind}-A{attempt}-c{chunk}.qs"


def staging_key(job_id: str, kind: str, attempt: int, chunk: int) -> str:
    """In the staging bucket of the target account: `kind` is IMPORT or RESTORE."""
    return f"towpath/{job_id}/{kind}-A{attempt}-c{chunk}.qs"


def bundle_job_id(job_id: str, kind: str, attempt: int, chunk: int) -> str:
    """The id that QuickSight knows a bundle job by: the same whenever the same attempt asks for it."""
    return f"{job_id}-{kind}-{attempt}-c{chunk}"
