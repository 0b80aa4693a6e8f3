"""Protection groups and recovery plans: documents, checks, servers, the catalog."""
