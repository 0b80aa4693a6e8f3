"""`make demo`: the bank story of the brief, told by the real system on the local cloud."""
