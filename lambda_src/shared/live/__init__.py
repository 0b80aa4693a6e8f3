"""Live updates of all systems over a WebSocket: tickets, connections, topics, snapshots and deltas.

A client exchanges its sign-in for a ticket, connects with it, subscribes to topics, and gets of each a snapshot with a
number and then what changed since, numbered too. A number that is missing is seen by the client, which asks again.
"""
