"""Invented people in numbers, with the ways in which a second register writes them down. Seeded; nobody is real."""
