"""What the poller does: follow jobs, judge waves, repair, terminate."""
