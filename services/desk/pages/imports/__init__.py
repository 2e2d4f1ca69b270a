"""Registering people from a file: chosen, understood, tried out, registered, what is wrong taken away to be mended."""
