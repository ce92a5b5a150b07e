"""The claims about speed, memory and accuracy in README and docs, as commands that print them."""
