"""Faults on demand: errors, throttling, latency, lost answers, killed functions, and unreliable events and messages."""
