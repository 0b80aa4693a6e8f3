"""Remote SFTP servers: files sent to them and files fetched from them, by AWS Transfer Family connectors."""
