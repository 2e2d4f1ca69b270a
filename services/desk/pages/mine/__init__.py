"""The participant's own pages: who may see what, and who has looked."""
