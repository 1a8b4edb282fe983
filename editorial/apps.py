from django.apps import AppConfig


class EditorialConfig(AppConfig):
    name = "editorial"
    label = "editorial"

    def ready(self) -> None:
        from editorial import receivers  # noqa: F401  (models are ready only now)
