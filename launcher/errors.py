"""How the launcher gives up: with a sentence, never with a traceback."""


class LauncherError(Exception):
    """The text is one sentence or a few for the person at the terminal: what is wrong and what to do."""
