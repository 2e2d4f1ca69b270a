"""Marks texts for the catalogues, where they stand in code and are translated later."""


def N_(text: str) -> str:
    """The text itself."""
    return text
