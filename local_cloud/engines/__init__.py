"""Engines that ministack lacks or runs differently from AWS: pipes, state machines, stream mappings."""
