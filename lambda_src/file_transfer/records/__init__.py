"""The records of transfers: the status item with its claims, and what is derived from it."""
