"""The HTTP API: routes as data, and an endpoint a route."""
