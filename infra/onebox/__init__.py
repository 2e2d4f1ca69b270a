"""Everything in one process: the demo, the tests, a laptop."""
