"""Every AWS API call that reaches the local cloud: who did what to which resource, and what it cost."""
