"""From a wave to jobs: chunks, locks, intents, adoption."""
