"""What a person can do and wants: skills, languages, education, experience, wishes."""
