"""File transfer: moves each version of an object to its targets once, and keeps the record of it."""
