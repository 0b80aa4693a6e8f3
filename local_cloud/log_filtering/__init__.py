"""FilterLogEvents as AWS answers it: its filter patterns, and pages."""
