"""`python -m benchmarks table`: the claims about speed and memory, row by row, compared with the usual tutorial.

    python -m benchmarks table --list                  the rows
    python -m benchmarks table --only clips-short      one of them
    python -m benchmarks table --json figures.json     all rows, with every single time
    python -m benchmarks table --quick                 one round on tiny inputs, only to see that it works

Alternatives take turns in one run, so that a machine that slows down slows them all. A figure is the median of the
rounds; 'at least' is the worst round. All inputs are generated.
"""
