"""Taking in many opportunities at once: each row of a file is drafted, known already, or says what is wrong."""
