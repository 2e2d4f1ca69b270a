"""The interview: what somebody can do, and as whom somebody lives here."""
