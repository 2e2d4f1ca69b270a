"""Disclosure grants: who else may see what, on which basis, and who has looked."""
