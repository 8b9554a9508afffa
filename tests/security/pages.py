"""Reading a page as a browser without JavaScript does: its links, and what its forms would send."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any


@dataclass
class Form:
    """A form with the values that it has now; what is disabled is not sent."""

    action: str
    method: str
    values: dict[str, list[str]] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)
    dates: dict[str, str] = field(default_factory=dict)


class Page(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.links: list[str] = []
        self._form: Form | None = None
        self._select: tuple[str, list[str]] | None = None
        self._area = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag == "a" and "href" in found:
            self.links.append(found["href"])
        if tag == "form":
            self._form = Form(found.get("action", ""), found.get("method", "get").lower())
            self.forms.append(self._form)
        elif self._form is not None and "disabled" not in found:
            self._part(self._form, tag, found)

    def _part(self, form: Form, tag: str, found: dict[str, str]) -> None:
        name = found.get("name", "")
        if tag == "option" and self._select:
            if "selected" in found:
                self._select[1].append(found.get("value", ""))
            return
        if not name or tag not in {"input", "select", "textarea"}:
            return
        form.names.add(name)
        if tag == "select":
            self._select = (name, [])
        elif tag == "textarea":
            self._area = name
            form.values.setdefault(name, []).append("")
        else:
            _input(form, name, found)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        if tag == "textarea":
            self._area = ""
        if tag == "select" and self._select and self._form is not None:
            if self._select[1]:
                self._form.values.setdefault(self._select[0], []).extend(self._select[1])
            self._select = None

    def handle_data(self, data: str) -> None:
        if self._area and self._form is not None:
            self._form.values[self._area][-1] += (
                data.removeprefix("\n") if not self._form.values[self._area][-1] else data
            )


def _input(form: Form, name: str, found: dict[str, str]) -> None:
    kind = found.get("type", "text")
    if kind == "date":
        form.dates[name] = found.get("value", "")
    is_on = kind not in {"checkbox", "radio"} or "checked" in found
    if is_on and kind not in {"submit", "button", "file", "image"}:
        form.values.setdefault(name, []).append(found.get("value", "on" if kind in {"checkbox", "radio"} else ""))


def posted(form: Form, more: dict[str, Any]) -> dict[str, Any]:
    """What pressing the button sends, with some fields filled in."""
    kept = {name: values for name, values in form.values.items() if name != "csrfmiddlewaretoken"}
    return {
        **kept,
        **{
            name: value for name, value in more.items() if name not in {"version", "token"} or not form.values.get(name)
        },
    }
