"""`towpath drs …`: disaster recovery."""
