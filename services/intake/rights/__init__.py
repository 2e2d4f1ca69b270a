"""The person's rights to the own data, as requests with a term, an answer and a proof."""
