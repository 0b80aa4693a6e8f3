"""Files that have to come: windows, and what is said when they stay away."""
