"""What other agencies may be told of a participant: record it, end it, see who has looked."""
