"""Webhooks: tells agencies' systems of what concerns them, signed, in order per participant, for as long as they may
know of it. What can be subscribed to is `contracts/webhooks.py`; what is promised, `docs/webhooks.md`.
"""
