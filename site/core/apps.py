from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "core"
    label = "core"

    def ready(self) -> None:
        from core import health, jobs, people, proof, receivers, retention  # noqa: F401  (they register themselves)
