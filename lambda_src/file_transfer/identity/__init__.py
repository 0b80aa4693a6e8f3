"""Who may log in over SFTP: users out of workflow definitions, for a server that asks a function."""
