"""The colours of the portal can be read: every pair of tokens that meets on a screen is computed."""

import gzip
import re
import tomllib
from pathlib import Path

import pytest

from common.svg.base import FILLS
from common.ui.status import STATUSES

CSS = (Path(__file__).resolve().parents[2] / "static" / "pmo.css").read_text("utf-8")
TONES = ("ok", "mild", "risk", "severe", "off", "hold")
GROUNDS = ("page", "card", "band", "hover")


def tokens(theme: str) -> dict[str, str]:
    blocks = re.findall(r'\[data-bs-theme="' + theme + r'"\] \{(.*?)\n\}', CSS, re.DOTALL)
    return dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", " ".join(blocks)))


def luminance(colour: str) -> float:
    parts = [int(colour[index : index + 2], 16) / 255 for index in (1, 3, 5)]
    red, green, blue = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(first: str, second: str) -> float:
    light, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("ground", GROUNDS)
@pytest.mark.parametrize("ink", ["ink", "muted", "accent-ink", "off"])
def test_text_can_be_read_on_every_ground(theme, ground, ink):
    colours = tokens(theme)
    assert contrast(colours[ink], colours[ground]) >= 4.5


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("tone", TONES)
def test_status_word_can_be_read_on_its_tint(theme, tone):
    colours = tokens(theme)
    assert contrast(colours[tone], colours[f"{tone}-tint"]) >= 4.5
    assert contrast(colours[tone], colours["card"]) >= 4.5


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("tone", TONES)
def test_chart_fill_stands_out_from_its_card(theme, tone):
    colours = tokens(theme)
    assert contrast(colours[f"{tone}-fill"], colours["card"]) >= 3


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_buttons_links_and_fields_stand_out(theme):
    colours = tokens(theme)
    assert contrast(colours["on-accent"], colours["accent"]) >= 4.5
    assert contrast(colours["on-accent"], colours["accent-strong"]) >= 4.5
    assert contrast(colours["accent-ink"], colours["accent-tint"]) >= 4.5
    assert contrast(colours["ink"], colours["accent-tint"]) >= 4.5
    assert contrast(colours["field-edge"], colours["card"]) >= 3


def test_documents_use_the_light_colours():
    colours = tokens("light")
    for tone in TONES:
        assert FILLS[f"f-{tone}"] == colours[f"{tone}-fill"]
        assert FILLS[f"t-{tone}"] == colours[f"{tone}-tint"]


def test_every_status_has_its_own_shape_and_a_known_tone():
    assert len({status.shape for status in STATUSES.values()}) == len(STATUSES)
    assert all(f'[class*="-{status.tone}"]' in CSS for status in STATUSES.values())


def test_style_sheet_and_script_stay_small():
    assert len(CSS) < 45_000
    assert len((Path(__file__).resolve().parents[2] / "static" / "app.js").read_bytes()) <= 8_192


def test_the_styles_of_a_page_stay_below_forty_kilobytes():
    vendor = Path(__file__).resolve().parents[2] / "static" / "vendor"
    sheets = [*vendor.rglob("*.css")]
    assert sheets
    assert sum(len(gzip.compress(sheet)) for sheet in (CSS.encode(), *map(Path.read_bytes, sheets))) <= 40_000


def test_vendored_files_are_listed_with_licence_and_exist():
    vendor = Path(__file__).resolve().parents[2] / "static" / "vendor"
    listed = tomllib.loads((vendor / "VENDOR.toml").read_text("utf-8"))["asset"]
    for asset in listed:
        assert asset["licence"]
        assert asset["integrity"].startswith("sha512-")
        assert all((vendor / name).is_file() for name in asset["files"])
    known = {(vendor / name).resolve() for asset in listed for name in asset["files"]}
    shipped = {
        path.resolve() for path in vendor.rglob("*") if path.is_file() and path.name not in {"LICENSE", "VENDOR.toml"}
    }
    assert shipped <= known
    assert not [path for path in shipped if path.suffix in {".js", ".css"} and b"sourceMappingURL" in path.read_bytes()]


def test_first_visit_stays_small():
    static = Path(__file__).resolve().parents[2] / "static"
    files = [
        *static.glob("*.css"),
        *static.glob("*.js"),
        *(static / "vendor").rglob("*.css"),
        *(static / "vendor").rglob("*.js"),
    ]
    fonts = list((static / "vendor").rglob("*.woff2"))
    size = sum(len(gzip.compress(path.read_bytes())) for path in files) + sum(path.stat().st_size for path in fonts)
    assert size <= 150_000
