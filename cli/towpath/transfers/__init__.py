"""`towpath transfers …`, `failures …`, `workflows …` and so on: everything over the API of file transfer."""
