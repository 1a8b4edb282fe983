from django.apps import AppConfig


class DemoConfig(AppConfig):
    name = "demo"
    label = "demo"

    def ready(self) -> None:
        pass  # registers them
