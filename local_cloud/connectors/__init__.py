"""SFTP connectors of Transfer Family, which really send to and fetch from SFTP servers."""
