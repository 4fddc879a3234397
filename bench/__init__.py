"""The bench: what a draw costs here, and what it costs elsewhere, measured in one run.  性能测量

A house of its own beside the product: it starts real processes and comes in by their ports.
"""
