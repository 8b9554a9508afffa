"""Pages as PDF, set by typst: real text, tags and links, the same bytes for the same data."""

from common.pdf.paper import Paper, Part, pdf
from common.pdf.setting import typeset

__all__ = ["Paper", "Part", "pdf", "typeset"]
