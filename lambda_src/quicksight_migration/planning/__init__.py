"""What is checked before a migration, and the plan of what it will change."""
