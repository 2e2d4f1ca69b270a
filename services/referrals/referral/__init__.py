"""Referrals in a closed loop: one agency asks another to help, and hears how it ended."""
