from django.urls import path

from accounts import views

urlpatterns = [
    path("profile/", views.Profile.as_view(), name="profile"),
    path("people/", views.PersonList.as_view(), name="person-list"),
    path("people/new/", views.PersonCreate.as_view(), name="person-create"),
    path("people/<int:pk>/", views.Person.as_view(), name="person"),
    path("people/<int:pk>/shut-out/", views.PersonShutOut.as_view(), name="person-shut-out"),
    path("people/<int:pk>/let-in/", views.PersonLetIn.as_view(), name="person-let-in"),
    path("people/<int:pk>/roles/", views.GrantCreate.as_view(), name="grant-create"),
    path("people/<int:pk>/roles/<int:grant_pk>/end/", views.GrantEnd.as_view(), name="grant-end"),
    path("roles/", views.RoleList.as_view(), name="role-list"),
    path("org-units/", views.OrgUnitList.as_view(), name="org-unit-list"),
    path("org-units/new/", views.OrgUnitCreate.as_view(), name="org-unit-create"),
    path("org-units/<int:pk>/edit/", views.OrgUnitEdit.as_view(), name="org-unit-edit"),
]
