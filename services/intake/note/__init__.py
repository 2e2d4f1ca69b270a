"""What caseworkers write down about their work with a person, each note for those whom its author chose."""
