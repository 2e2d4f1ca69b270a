"""`lotse`: the command line for running a region, operating it and following a journey.

Commands that act on a running region do so over HTTP, with the caller's own log-in and rights. Only `migrate`,
`rebuild` and `republish` use the database, with the role that owns it; `agency` and `person` use Keycloak, with
a client of their own.
"""
