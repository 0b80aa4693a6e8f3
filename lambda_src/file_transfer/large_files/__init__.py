"""Copies that take longer than one invocation: the steps of the state machine for large files."""
