"""HTTP APIs of all systems: declared routes, principals, problems, cursors, optimistic locking, OpenAPI."""
