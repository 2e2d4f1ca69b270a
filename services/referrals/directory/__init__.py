"""The directory of help: who offers what, for which need, and whether a place is free. No participant appears here."""
