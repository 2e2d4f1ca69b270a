"""What Lotse is measured against and must never depend on: run by an interpreter of its own (`environment.py`)."""
