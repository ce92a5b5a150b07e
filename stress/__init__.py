"""The app and library under stress: hostile input (fuzz), many visitors (soak), failures of the machine (chaos)."""
