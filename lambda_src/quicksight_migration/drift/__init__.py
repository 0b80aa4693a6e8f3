"""Migrated assets afterwards: whether source and target are still what was migrated."""
