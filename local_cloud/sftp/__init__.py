"""The SFTP side of Transfer Family: files become real S3 objects, written under the user's own role.

ministack's listener writes into S3's tables directly, past versioning, encryption, events and IAM, and sends no
Transfer Family events. Here the listener and the login stay ministack's; the file system behind them is ours.
"""
