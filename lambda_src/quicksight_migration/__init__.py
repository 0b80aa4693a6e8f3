"""QuickSight migrations: assets go from one account to another, planned, approved and reversible."""
