from typing import ClassVar

from django.db import models


class Owner(models.Model):
    name = models.CharField(max_length=120)

    def __str__(self) -> str:
        return self.name


class Item(models.Model):
    """A row of the list: as many columns as the portfolio table shows."""

    name = models.CharField(max_length=200)
    code = models.CharField(max_length=20)
    status = models.CharField(max_length=12)
    phase = models.CharField(max_length=40)
    schedule = models.CharField(max_length=12)
    cost = models.CharField(max_length=12)
    risk = models.CharField(max_length=12)
    budget = models.DecimalField(max_digits=14, decimal_places=2)
    forecast = models.DecimalField(max_digits=14, decimal_places=2)
    starts_on = models.DateField()
    finishes_on = models.DateField()
    next_on = models.DateField()
    updated_on = models.DateField()
    rank = models.IntegerField()
    owner = models.ForeignKey(Owner, on_delete=models.CASCADE)

    objects: ClassVar[models.Manager["Item"]] = models.Manager()

    class Meta:
        indexes = [models.Index(fields=["-rank", "id"], name="floor_item_rank")]

    def __str__(self) -> str:
        return self.name
