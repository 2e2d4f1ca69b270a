"""The real servers as plain processes, without Docker: for tests, CI and laptops. Needs Java 17 and Maven."""
