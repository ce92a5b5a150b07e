"""What the screens are made of. Only `app.py`, `screens.py`, `pages/` and this package import Streamlit."""
