"""The local cloud: AWS on one machine, offline.

`ministack` (one process, one port) plus the files of this package, each of which closes one gap between it and AWS.
Start with `python -m local_cloud up`; the server itself is `python -m local_cloud.server`.
"""
