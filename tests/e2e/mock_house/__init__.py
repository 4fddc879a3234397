"""A small house of cards behind the pages: answers as the contract says, and fails on demand.

It keeps no rules of its own worth trusting: it only lets a browser walk every page without the
real house. Time stands near 2026-02-06 10:42 in Hubei and runs on.
"""
