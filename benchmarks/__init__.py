"""What README and docs claim of speed, memory and accuracy, as commands that print it."""
