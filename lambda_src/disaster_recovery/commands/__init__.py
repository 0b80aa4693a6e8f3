"""What people ask of executions."""
