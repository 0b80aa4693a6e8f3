"""Readiness before, a forecast of, and the evidence after an execution."""
