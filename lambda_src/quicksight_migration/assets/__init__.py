"""QuickSight assets: what they are called, what a bundle holds, what an account holds, and when two are the same."""
