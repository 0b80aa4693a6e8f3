"""The steps of the state machine, and the answers it waits for."""
