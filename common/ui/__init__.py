"""Components of the portal as Python functions; ``{% load ui %}`` offers the same in templates."""
