"""The papers that a gate review leaves: evidence packs and minutes, as pages and as PDF."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from django.http import HttpResponse
from django.urls import reverse
from django.utils.text import slugify

from common.pdf import Paper, pdf
from governance.selectors import ballots as ballot_selectors
from projects.models import EvidencePack
from projects.selectors import gates as selectors
from projects.services.gates.review import is_whole
from projects.views import gate_papers
from projects.views.gates import OnGates

if TYPE_CHECKING:
    import datetime as dt

    from common.views import PortalRequest
    from projects.models import Gate


class _PaperPage(OnGates):
    template_name: ClassVar[str] = "projects/gates/paper.html"
    pdf_url: ClassVar[str] = ""

    def paper(self) -> tuple[Paper, Gate, dt.datetime]:
        """The paper, the gate that it is about and its moment."""
        raise NotImplementedError

    def get(self, _request: PortalRequest, **_kwargs: object) -> HttpResponse:
        paper, gate, _moment = self.paper()
        context = {
            "paper": paper, "gate": gate, "page_name": paper.title,
            "pdf": reverse(self.pdf_url, args=[self.project.key, self.kwargs["pk"]]), **self.extra(),
        }  # fmt: skip
        return self.page(context)

    def extra(self) -> dict[str, Any]:
        return {}


class _PaperPdf(_PaperPage):
    def get(self, _request: PortalRequest, **_kwargs: object) -> HttpResponse:
        paper, gate, moment = self.paper()
        response = HttpResponse(pdf(paper, moment), content_type="application/pdf")
        name = f"{self.project.key}-{slugify(str(gate))}-{slugify(paper.title)}.pdf"
        response["Content-Disposition"] = f'inline; filename="{name}"'
        return response


class EvidencePackPage(_PaperPage):
    pdf_url: ClassVar[str] = "evidence-pack-pdf"

    @cached_property
    def pack(self) -> EvidencePack:
        return selectors.get_pack(self.project, self.kwargs["pk"])

    def paper(self) -> tuple[Paper, Gate, dt.datetime]:
        return gate_papers.pack_paper(self.project, self.pack), self.pack.gate, self.pack.frozen_at

    def extra(self) -> dict[str, Any]:
        return {"is_whole": is_whole(self.pack), "pack": self.pack}


class EvidencePackPdf(_PaperPdf, EvidencePackPage):
    pass


class GateMinutes(_PaperPage):
    pdf_url: ClassVar[str] = "gate-minutes-pdf"

    def paper(self) -> tuple[Paper, Gate, dt.datetime]:
        gate, ballot = selectors.get_review(self.project, self.kwargs["pk"])
        packs = [one for one in selectors.packs_of(gate) if one.ballot_id == ballot.pk]
        paper = gate_papers.minutes_paper(
            self.project, gate, ballot, steps=ballot_selectors.steps_of(ballot),
            conditions=list(ballot_selectors.conditions_of(ballot)), pack=packs[0] if packs else None,
        )  # fmt: skip
        return paper, gate, ballot.decided_at or ballot.updated_at


class GateMinutesPdf(_PaperPdf, GateMinutes):
    pass
