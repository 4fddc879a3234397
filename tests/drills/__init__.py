"""Drills: many days, honest and tampered with, made from a seed and put to the verifier.  演练"""
