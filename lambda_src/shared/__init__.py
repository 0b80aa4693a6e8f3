"""What every system's handlers share: settings, clients, clock, canonical JSON, DynamoDB values, schemas, errors."""
