"""Rows for questions: what the tables said of transfers, notifications and failures, flat and by the day."""
