"""The entry of the web server: gunicorn pmo_portal.wsgi."""

import gc
import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pmo_portal.settings")

application = get_wsgi_application()

# What is loaded by now stays for good: the collector need not walk over it while somebody waits for a page.
get_resolver().check()
gc.collect()
gc.freeze()
