"""Delivery: carries what is in an inbox to people who are not looking at it.

Webhooks to agencies' systems get a place of their own beside it: `webhook/`.
"""
