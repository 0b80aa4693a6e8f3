"""What a file must be like, and what is done to it between arrival and delivery."""
