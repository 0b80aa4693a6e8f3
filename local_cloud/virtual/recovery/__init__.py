"""The disaster recovery system in the virtual cloud."""
