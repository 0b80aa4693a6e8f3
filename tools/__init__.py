"""What builds, checks and packages the project; run through make."""
