"""Server-side copies of one version to one target."""
