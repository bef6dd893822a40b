"""Proper scores and hindcasts."""
