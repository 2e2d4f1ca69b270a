"""The inbox: what concerns a person or a team, once per event, and only as long as they may know of it."""
