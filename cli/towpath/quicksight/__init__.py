"""`towpath quicksight …`: dashboards from account to account over the API of QuickSight migration."""
