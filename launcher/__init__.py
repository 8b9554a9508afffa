"""Sets up and runs the portal. Standard library only: it works before anything is installed."""
