"""Telling people how transfers ended."""
