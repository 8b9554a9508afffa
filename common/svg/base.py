# ruff: noqa: PLR0913, PLR0917  (coordinates and options of a shape are its arguments)
"""What every chart shares: escaping, the frame with its title, and the colours of a document."""

from collections.abc import Iterable
from html import escape
from typing import Final

from django.utils.safestring import SafeString, mark_safe

#: Colours of the light theme by CSS class, for pictures that leave the page.
FILLS: Final[dict[str, str]] = {
    "f-ok": "#2f9e68",
    "f-mild": "#7f961a",
    "f-risk": "#c9820a",
    "f-severe": "#d4591e",
    "f-off": "#d64545",
    "f-hold": "#8791a1",
    "f-unknown": "#8791a1",
    "f-done": "#1f5eb8",
    "f-accent": "#1f5eb8",
    "f-track": "#dfe5ed",
    "f-band": "#f3f5f8",
    "f-card": "#ffffff",
    "f-ink": "#1a2230",
    "t-ok": "#e6f4ec",
    "t-mild": "#f1f5dc",
    "t-risk": "#fdf2dc",
    "t-severe": "#fdeadf",
    "t-off": "#fbe9e9",
    "t-hold": "#eceff3",
    "t-unknown": "#eceff3",
    "t-done": "#dbe7f7",
    "t-accent": "#dbe7f7",
}
INK: Final = "#1a2230"
MUTED: Final = "#566072"
LINE: Final = "#dfe3ea"


def _standalone_css() -> str:
    fills = "".join(f".{name}{{fill:{value}}}" for name, value in FILLS.items())
    strokes = "".join(
        f".{name.replace('f-', 's-')}{{stroke:{value};fill:none}}" for name, value in FILLS.items() if name[0] == "f"
    )
    outlines = "".join(
        f".{name.replace('t-', 'o-')}{{stroke:{FILLS[name.replace('t-', 'f-')]}}}" for name in FILLS if name[0] == "t"
    )
    return (
        f"text{{font-family:Inter,'Inter Variable',sans-serif;fill:{INK};font-size:11px}}"
        f".m{{fill:{MUTED}}}.b{{font-weight:600}}.i{{fill:#ffffff}}.bad{{fill:#b3242b}}"
        f".g{{stroke:{LINE};fill:none}}.ax{{stroke:#8791a1;fill:none}}"
        f".o-ink{{stroke:{INK};stroke-width:1.5}}.s-card{{stroke:#ffffff;fill:none}}.hit{{fill:none}}"
        f".x-ok{{fill:#126b3c}}.x-mild{{fill:#4c5f0c}}.x-risk{{fill:#8a4b06}}.x-off{{fill:#b3242b}}"
        f".tiny{{font-size:8px;font-weight:600}}.big{{font-size:14px}}"
        f".w2{{stroke-width:2}}.dash{{stroke-dasharray:4 3}}.e{{text-anchor:end}}.c{{text-anchor:middle}}"
        f"{fills}{strokes}{outlines}"
    )


STANDALONE_CSS: Final = _standalone_css()


def num(value: float) -> str:
    """Return a coordinate with at most one decimal, without a trailing zero."""
    return f"{value:.1f}".removesuffix(".0")


def esc(text: object) -> str:
    """Escape a text for an element or an attribute."""
    return escape(str(text), quote=True)


def text(x: float, y: float, words: object, css: str = "") -> str:
    """Return a text element; ``css`` mixes m(uted), b(old), e(nd), c(entre), i(nverse), bad."""
    kind = f' class="{css}"' if css else ""
    return f'<text x="{num(x)}" y="{num(y)}"{kind}>{esc(words)}</text>'


def rect(x: float, y: float, width: float, height: float, css: str, radius: float = 0, tip: str = "") -> str:
    """Return a rectangle, with a tooltip when ``tip`` is given."""
    round_ = f' rx="{num(radius)}"' if radius else ""
    size = f'width="{num(max(width, 0))}" height="{num(max(height, 0))}"{round_}'
    head = f'<rect x="{num(x)}" y="{num(y)}" {size} class="{css}"'
    return f"{head}><title>{esc(tip)}</title></rect>" if tip else f"{head}/>"


def line(x1: float, y1: float, x2: float, y2: float, css: str = "g") -> str:
    """Return a straight line; ``css`` is g(rid), ax(is) or a stroke class such as ``s-accent``."""
    return f'<path d="M{num(x1)} {num(y1)}L{num(x2)} {num(y2)}" class="{css}"/>'


def diamond(x: float, y: float, size: float, css: str) -> str:
    """Return a milestone diamond around a point."""
    return f'<path d="M{num(x)} {num(y - size)}l{size} {size}-{size} {size}-{size}-{size}z" class="{css}"/>'


def link(href: str, name: str, inner: str) -> str:
    """Return a part of a picture that is a link with a whole sentence as its name."""
    if not href:
        return f"<g>{inner}</g>"
    return f'<a href="{esc(href)}" aria-label="{esc(name)}">{inner}</a>'


def svg(
    width: float,
    height: float,
    parts: Iterable[str],
    title: str,
    desc: str = "",
    *,
    standalone: bool = False,
    css: str = "chart",
    interactive: bool = False,
    stretch: bool = False,
) -> SafeString:
    """Return the picture with its name and description.

    ``interactive`` pictures hold links, so they are a group and not one image; ``stretch`` lets a bar
    fill its card without growing taller.
    """
    role = "group" if interactive else "img"
    style = f"<style>{STANDALONE_CSS}</style>" if standalone else ""
    size = f' width="{num(width)}" height="{num(height)}"' if standalone else ""
    fit = ' preserveAspectRatio="none"' if stretch else ""
    about = f"<desc>{esc(desc)}</desc>" if desc else ""
    return mark_safe(  # noqa: S308  every text went through esc()
        f'<svg xmlns="http://www.w3.org/2000/svg" class="{css}" viewBox="0 0 {num(width)} {num(height)}"{size}{fit} '
        f'role="{role}" aria-label="{esc(title)}"><title>{esc(title)}</title>{about}{style}{"".join(parts)}</svg>'
    )


def nice_ticks(top: float, count: int = 4) -> list[float]:
    """Return round axis values from 0 to at least ``top``: steps of 1, 2 or 5 times a power of ten."""
    if top <= 0:
        return [0, 1]
    raw = top / count
    power = 10.0 ** (len(str(int(raw))) - 1) if raw >= 1 else 10.0 ** -len(f"{1 / raw:.0f}")
    step = next(power * factor for factor in (1, 2, 5, 10, 20, 50, 100) if power * factor >= raw)
    ticks = [0.0]
    while ticks[-1] < top:
        ticks.append(round(ticks[-1] + step, 10))
    return ticks
