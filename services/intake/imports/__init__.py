"""Taking in many people at once: each row of somebody's file is registered, known already, or says what is wrong."""
