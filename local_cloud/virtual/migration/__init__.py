"""The QuickSight migration system in the virtual cloud."""
