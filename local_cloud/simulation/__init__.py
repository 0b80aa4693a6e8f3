"""What simulators of AWS services share: time, an agenda of what will happen, faults on purpose, their control."""
