"""Reduce: images go in, a map with a point per image comes out."""
