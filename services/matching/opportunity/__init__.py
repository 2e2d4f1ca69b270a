"""Places that companies and others offer: what they ask for, how many, and whether they are still on offer."""
