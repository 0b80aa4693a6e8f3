"""From a message of the queue to a claimed transfer."""
