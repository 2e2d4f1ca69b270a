"""Which needs of a participant are open, as intake tells it. A read model: replay builds it anew."""
