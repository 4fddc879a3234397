"""Attacks on the draw, told as a journalist would: each succeeds on a weakened build only."""
