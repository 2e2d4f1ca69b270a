"""Letters to a person in two languages side by side: from templates, with what the record says, kept as they were."""
