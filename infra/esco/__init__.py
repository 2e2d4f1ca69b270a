"""ESCO, the European classification of skills and occupations, as a service keeps it: concepts and their words.

Each service that names concepts keeps a copy of its own and asks nobody (decision 0021). Holds nothing about anybody.
"""
