"""The audit trail outside of its table: exported to a locked bucket, sealed hour by hour, verified without AWS."""
