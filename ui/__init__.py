"""What the screens are made of. Only `app.py`, `pages/` and this package import Streamlit."""
