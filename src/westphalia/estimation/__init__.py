"""Fits each mechanism's parameters and filters its start state from the public data."""
