"""The reconciliation sweep: what no event announced, and what nobody goes on with."""
