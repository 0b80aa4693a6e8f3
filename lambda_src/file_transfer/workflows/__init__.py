"""Workflow definitions: read, checked, chosen."""
