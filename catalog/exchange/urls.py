"""Addresses of import and export, below the admin's."""

from django.urls import path, re_path

from catalog.exchange import views

urlpatterns = [
    path("import/", views.import_products, name="import"),
    path("import/<int:pk>/", views.report, name="report"),
    path("import/<int:pk>/progress/", views.progress, name="progress"),
    path("import/<int:pk>/decide/", views.decide, name="decide"),
    re_path(r"^import/(?P<pk>\d+)/(?P<kind>report|not-imported)\.csv$", views.download, name="download"),
    path("export/", views.export_products, name="export"),
]
