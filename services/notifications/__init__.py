"""Notifications: telling people what concerns them, and nothing else."""
