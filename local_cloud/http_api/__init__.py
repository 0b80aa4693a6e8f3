"""HTTP APIs of API Gateway as they are at run time: throttling, access logs, permission to invoke, errors."""
