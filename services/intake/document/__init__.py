"""Papers of a person: certificates, permits, CVs; checked, sealed, shown to few, and told of before they expire."""
