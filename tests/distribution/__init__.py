"""Spreading the tables by lane over several machines."""
