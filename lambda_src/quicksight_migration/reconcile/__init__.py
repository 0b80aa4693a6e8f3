"""When machine, records and slots disagree."""
