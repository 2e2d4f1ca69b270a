"""360-degree feedback: company, coach and participant rate the skills of a stage."""
