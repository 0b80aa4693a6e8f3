"""WebSocket APIs of API Gateway at run time: limits, permissions, throttling, errors, logs, connections' management."""
