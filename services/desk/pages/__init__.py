"""One folder per page: its view and its template."""
