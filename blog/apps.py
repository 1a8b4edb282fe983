from django.apps import AppConfig


class BlogConfig(AppConfig):
    name = "blog"
    label = "blog"

    def ready(self) -> None:
        from blog import mails  # noqa: F401  (registers itself)
