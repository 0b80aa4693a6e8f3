"""The design of the brief, built as literally as AWS allows, to measure ours against it.

It is a fixture, not a product: one boto3 script, seven or eight functions, tables and indexes as the brief draws them.
Two things differ, since the design could not run at all otherwise: the wait of 300 s on the way to the first copy is
left out, and a pipe stands where the brief has a trigger of the state machine on the queue, which AWS does not offer.
What the brief leaves open is decided in its favour: no function prints anything, every lookup is a Query, items are
short, and files are copied by S3 itself.
"""
