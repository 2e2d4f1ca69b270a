"""Choosing who takes part: what was asked and answered step by step, and what people decided with reasons."""
