"""Hostile input, made from a seed and a number: every case can be made again, and none may do harm.

It lies with the benchmarks, for it is a command that proves a claim and takes hours in full; tests run a slice of it.
"""
