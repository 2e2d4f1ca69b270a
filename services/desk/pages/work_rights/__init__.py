"""The knowledge base of work rights: what a residence status allows, for everybody in an agency; about nobody."""
