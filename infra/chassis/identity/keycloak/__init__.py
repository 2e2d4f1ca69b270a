"""Keycloak behind the seam: accounts, suspension and staff directory for the services, administration for `lotse`."""
