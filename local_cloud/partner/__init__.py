"""A trading partner with an SFTP server of its own, which connectors of Transfer Family send to and fetch from."""
