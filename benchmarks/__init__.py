"""What a file costs and how long it takes: ours, the brief's own design, and the targets. `make benchmark` runs it."""
