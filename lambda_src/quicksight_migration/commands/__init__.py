"""What people ask of jobs."""
