"""Systems Manager beyond parameters: documents, and Automation that runs them."""
