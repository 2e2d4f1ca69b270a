"""The one shared runtime library. Knows no programme and no service."""
