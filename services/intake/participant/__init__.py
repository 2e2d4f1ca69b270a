"""The record of a person: registering, finding, changing, handing over a log-in."""
