"""Reading files that agencies bring: what kind a file is, what stands in it, and which column means what.

Knows no service's rules: whether a row is good is decided by the service it is sent to.
"""
