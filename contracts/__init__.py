"""What the services may know of each other: events, words, rules and policies. Imports nothing of ours."""
