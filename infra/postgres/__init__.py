"""PostgreSQL for a deployment: who owns which database and who may do what in it."""
