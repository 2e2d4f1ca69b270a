"""Logging in and out at the identity provider: code flow with PKCE."""
