"""The command line of Towpath: every system, over its API or straight over AWS credentials."""

__version__ = "0.3.0"
