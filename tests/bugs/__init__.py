"""Bugs that are planted on purpose, so that the guards of the house are tested too."""
