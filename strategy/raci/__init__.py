"""RACI as data: who is responsible, accountable, consulted and informed, for deliverables and processes alike."""
