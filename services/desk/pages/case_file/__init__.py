"""The case file: what is kept beside the record, and what somebody does with it in a day."""
