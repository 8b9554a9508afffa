from django.urls import path

from bench.floor import views

urlpatterns = [path("", views.item_list), path("new/", views.item_create)]
