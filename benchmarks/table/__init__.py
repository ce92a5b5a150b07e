"""`python -m benchmarks table`: the claims on speed and memory, row by row, against the way that tutorials go.

    python -m benchmarks table --list                  the rows
    python -m benchmarks table --only clips-short      one of them
    python -m benchmarks table --json figures.json     all, and every single time kept
    python -m benchmarks table --quick                 one round on tiny inputs: whether it works, and nothing more

What is compared takes turns in one run, so that a machine that slows down slows all. A figure is the median of the
rounds; 'at least' is the worst round. All inputs are generated.
"""
