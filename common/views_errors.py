# ruff: noqa: ARG001  (Django calls error handlers with these arguments)
"""The pages for when something does not work: what happened, why it may be, what to do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template import loader
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.context_processors import Layout
from common.middleware import current_request_id

Text = str | Promise


@dataclass(frozen=True, slots=True)
class Problem:
    """What an error page says."""

    title: Text
    what: Text
    why: Text = ""
    steps: Sequence[Text] = ()
    reference: str = ""


PROBLEMS: Mapping[int, Problem] = {
    400: Problem(
        gettext_lazy("The portal cannot read this request"),
        gettext_lazy("Part of what your browser sent is missing or damaged. Nothing was saved."),
        gettext_lazy("A link may be broken off, or a form may have been too large."),
        [gettext_lazy("Go back, reload the page and try once more."), gettext_lazy("Type the address again.")],
    ),
    403: Problem(
        gettext_lazy("You may not do this"),
        gettext_lazy("You may see this part of the portal, but your roles do not allow this step."),
        gettext_lazy("Roles are given per project, portfolio and organisation unit."),
        [
            gettext_lazy("Ask the PMO or the owner of the record to do it, or to give you the role."),
            gettext_lazy("Check that you are signed in with the right account."),
        ],
    ),
    404: Problem(
        gettext_lazy("This page is not here"),
        gettext_lazy("There is no page at this address, or it is not open to you."),
        gettext_lazy("The record may be confidential, moved or removed, or the link may be broken off."),
        [
            gettext_lazy("Check the address, or search for the name or the key."),
            gettext_lazy("Ask the person who sent you the link."),
        ],
    ),
    409: Problem(
        gettext_lazy("Somebody else was just before you"),
        gettext_lazy("This record changed after you opened it. Your change is not saved."),
        gettext_lazy("Two people worked on the same record at the same time."),
        [gettext_lazy("Look at what changed, open the record again and repeat what is still needed.")],
    ),
    500: Problem(
        gettext_lazy("Something went wrong on our side"),
        gettext_lazy("The portal could not finish this. The error is recorded; nothing was half saved."),
        gettext_lazy("This is a fault in the portal, not in what you did."),
        [
            gettext_lazy("Wait a minute and try again."),
            gettext_lazy("If it happens again, send the reference below to the PMO."),
        ],
    ),
}
CSRF = Problem(
    gettext_lazy("This form has gone stale"),
    gettext_lazy("For your safety the portal accepted nothing. Your change is not saved."),
    gettext_lazy("You may have signed in or out in another tab, or the browser refuses cookies."),
    [
        gettext_lazy("Go back, copy your text, reload the page and send it again."),
        gettext_lazy("Allow cookies for this site."),
    ],
)


def problem_context(status: int, problem: Problem | None = None) -> dict[str, Any]:
    """Return the context of ``error.html``, with the id of the request as the reference."""
    shown = problem or PROBLEMS[status]
    reference = current_request_id()
    return {
        "error": {
            "title": shown.title,
            "what": shown.what,
            "why": shown.why,
            "steps": shown.steps,
            "reference": "" if reference == "-" else reference,
        }
    }


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer a request that cannot be read."""
    return render(request, "error.html", problem_context(400), status=400)


def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer a step that the person's roles do not allow; the policy's own sentence comes first."""
    said = str(exception or "")
    default = PROBLEMS[403]
    problem = Problem(default.title, said or default.what, default.why, default.steps)
    return render(request, "error.html", problem_context(403, problem), status=403)


def page_not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer an address without a page, or with one that is not open to this person."""
    return render(request, "error.html", problem_context(404), status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer a fault of the portal without touching the session or the database, which may be its cause."""
    context = {**problem_context(500), "layout": Layout(request)}
    return HttpResponse(loader.get_template("error.html").render(context), status=500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form whose token does not fit."""
    return render(request, "error.html", problem_context(403, CSRF), status=403)


def conflict(
    request: HttpRequest,
    message: str = "",
    changes: Mapping[str, tuple[Any, Any]] | None = None,
    retry_href: str = "",
) -> HttpResponse:
    """Answer a change that lost a race: shows theirs beside yours, so that nobody retypes anything.

    ``changes`` maps a field's label to (theirs, yours).
    """
    default = PROBLEMS[409]
    problem = Problem(default.title, message or default.what, default.why, default.steps)
    rows = [(label, theirs, yours) for label, (theirs, yours) in (changes or {}).items()]
    context = {
        **problem_context(409, problem),
        "rows": rows,
        "theirs": _("Now in the portal"),
        "yours": _("What you typed"),
        "retry_href": retry_href,
    }
    return render(request, "conflict.html", context, status=409)
