"""Actions around a wave: SSM Automation, Lambda functions and HTTP probes."""
