"""Who may use migrated assets: what is wanted, what is there, and how one becomes the other."""
