from django.apps import AppConfig


class SearchConfig(AppConfig):
    name = "search"
    label = "search"

    def ready(self) -> None:
        from search import checks, receivers, retention  # noqa: F401  (models are ready only now)
        from search.desk import receivers as desk_receivers  # noqa: F401  (as above)
