from django.apps import AppConfig


class SearchConfig(AppConfig):
    name = "search"
    label = "search"

    def ready(self) -> None:
        from search import checks, receivers  # noqa: F401  (models are ready only now)
