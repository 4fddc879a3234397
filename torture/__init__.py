"""A whole house under fire, and a reckoning that does not take the house's word.  全系统折磨"""
