"""All addresses. Path words are translated; a language answers only under its own."""

from django.conf import settings
from django.conf.urls.i18n import i18n_patterns
from django.urls import include, path
from django.views.decorators.http import require_POST
from wagtail import urls as wagtail_urls
from wagtail.admin import urls as wagtailadmin_urls
from wagtail.admin.views.account import LogoutView
from wagtail.documents import urls as wagtaildocs_urls

from core import views
from search import sitemap

handler400 = "core.views.bad_request"
handler403 = "core.views.forbidden"
handler404 = "core.views.not_found"
handler500 = "core.views.server_error"

urlpatterns = [
    path("", views.best_language, name="root"),
    # Wagtail's own view answers a GET with 405 and takes the cookie away all the same: a link would sign somebody out.
    path("admin/logout/", require_POST(LogoutView.as_view())),
    path("admin/", include(wagtailadmin_urls)),
    path("rosetta/", include("translation.interface_urls")),
    path("documents/", include(wagtaildocs_urls)),
    path("media/<path:path>", views.media, name="media"),
    path("robots.txt", sitemap.robots, name="robots"),
    path("sitemap.xml", sitemap.sitemap_index, name="sitemap_index"),
    path("sitemap-<slug:kind>-<slug:language>-<int:part>.xml", sitemap.sitemap, name="sitemap"),
    path("webhooks/", include("commerce.webhook_urls")),
    *([path("demo/", include("demo.urls"))] if settings.STORE_DEMO else []),
    *([path("__debug__/", include("debug_toolbar.urls"))] if settings.DEBUG else []),
]

urlpatterns += i18n_patterns(
    path("", include("catalog.urls")),
    path("", include("commerce.urls")),
    path("", include("blog.urls")),
    path("", include("search.urls")),
    path("", include(wagtail_urls)),
)
