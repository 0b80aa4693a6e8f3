"""What the machine asks for: every action is one conditional transition, and may be repeated."""
