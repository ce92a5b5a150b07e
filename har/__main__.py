"""`python -m har`."""

from har.cli import main

if __name__ == "__main__":
    main()
