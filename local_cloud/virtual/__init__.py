"""A cloud in one process and in virtual time: machines, functions, queues and simulators without server or network."""
