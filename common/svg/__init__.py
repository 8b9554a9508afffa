"""Charts drawn on the server: pure functions from plain values to SVG.

Colours are CSS classes, so dark mode and print are free. ``standalone=True`` puts the resolved
colours inside the picture, for documents that do not read the page's style sheet.
"""
