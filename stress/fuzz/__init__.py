"""Hostile input: every case is made from a seed and a number, so it can be reproduced, and none may do harm.

A full run takes hours; tests run a part of it.
"""
