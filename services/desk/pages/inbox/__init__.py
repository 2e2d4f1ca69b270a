"""My inbox."""
