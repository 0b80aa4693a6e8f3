"""Bundles and the jobs that make and read them: started once, followed to their end, streamed between buckets."""
