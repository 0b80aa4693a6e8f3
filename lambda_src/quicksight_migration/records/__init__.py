"""What is stored of jobs, and how it may change."""
