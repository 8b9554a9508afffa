"""Wiring of the portal: settings, addresses, entry points. No business words live here."""

from pmo_portal.celery import app as celery_app

__all__ = ["celery_app"]
