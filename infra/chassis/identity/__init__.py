"""The seam to the identity provider: one verification code path, several issuers."""
