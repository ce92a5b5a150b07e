"""Keras code that several networks share. Importing these modules imports Keras."""
