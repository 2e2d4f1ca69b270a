"""The timeline: everything that happened with a participant, line by line, filtered by right."""
