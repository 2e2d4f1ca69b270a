"""Referrals: what happens with the person, and who does it."""
