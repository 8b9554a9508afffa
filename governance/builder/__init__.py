"""A condition as a form of selects: every change is a submit, and the form carries all of it.

Between the stored tree and the form stands a *sketch*, which may be unfinished. `sent` reads it from the form,
`sketches` does what a button says, `trees` turns it into the stored tree and back, `drawing` shows it.
"""
