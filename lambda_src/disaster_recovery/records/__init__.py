"""What an execution is on disk: its records, the words for where things stand, and the store."""
