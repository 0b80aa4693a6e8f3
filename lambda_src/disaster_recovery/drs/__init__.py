"""AWS Elastic Disaster Recovery as the rest of the system sees it: typed answers, quotas, accounts."""
