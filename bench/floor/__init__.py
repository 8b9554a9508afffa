"""The floor that pages are measured against: a list page as bare Django gives it, without any of the portal's code."""
