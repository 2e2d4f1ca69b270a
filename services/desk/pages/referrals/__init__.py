"""Referrals: the board, one referral, a new one."""
