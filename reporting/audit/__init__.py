"""The audit trail for people: what is asked of it, and its events in words."""
