"""Service Quotas, for the services that the local cloud simulates with quotas."""
