"""Replays of many transfers at once: chosen by a filter, sent page by page, told once each."""
