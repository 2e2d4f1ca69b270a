"""Referrals's database, version by version."""
