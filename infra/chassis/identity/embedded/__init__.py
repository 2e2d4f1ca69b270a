"""A small OpenID Connect issuer for one machine: the demo, the tests, a laptop. Never for production.

It gives the claims that Keycloak gives, so that everything behind it stays the same. Its signing key and its people's
passwords are demo material. Being a full identity provider is not its purpose: no consent pages, no single sign-on.
"""
