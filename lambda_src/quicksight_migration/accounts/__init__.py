"""The QuickSight accounts that migrations go between, and how a worker gets into them."""
