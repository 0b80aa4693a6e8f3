"""Lambda functions in execution environments like AWS's: an own interpreter, an own environment, real error names.

ministack runs Python functions in the interpreter and with the environment of the server, reports every exception as
`Runtime.HandlerError` (so that named Retry and Catch never match), ends the process after each handled failure, and
waits up to 50 ms for output that may never come.
"""
