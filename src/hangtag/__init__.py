"""Hangtag."""
