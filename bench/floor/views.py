from pathlib import Path

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.backends.django import DjangoTemplates

from bench.floor.models import Item

STATUSES = ("green", "amber", "red")
ENGINE = DjangoTemplates(
    {
        "NAME": "floor",
        "DIRS": [Path(__file__).parent / "templates"],
        "APP_DIRS": False,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
)


@login_required
def item_list(request: HttpRequest) -> HttpResponse:
    items = Item.objects.select_related("owner").order_by("-rank", "id")
    status = [one for one in request.GET.getlist("status") if one in STATUSES]
    if status:
        items = items.filter(status__in=status)
    if text := request.GET.get("q", ""):
        items = items.filter(name__icontains=text)
    page = Paginator(items, 50).get_page(request.GET.get("page"))
    context = {"page": page, "statuses": STATUSES, "status": status, "text": text}
    return HttpResponse(ENGINE.get_template("floor/item_list.html").render(context, request))


@login_required
def item_create(request: HttpRequest) -> HttpResponse:
    Item.objects.create(
        name=request.POST["name"], code="N", status="green", phase="Start",
        schedule="green", cost="green", risk="green",
        budget=1, forecast=1, starts_on="2026-01-01", finishes_on="2026-12-31", next_on="2026-06-01",
        updated_on="2026-01-01",
        rank=0, owner_id=1,
    )  # fmt: skip
    return HttpResponseRedirect("/")
