"""The parts of bootstrap, a file for each: here alone concrete classes are chosen."""
