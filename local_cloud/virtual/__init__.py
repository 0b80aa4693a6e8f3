"""A cloud in one process and in virtual time: machine, functions, queue, schedule and DRS without server or network."""
