from django.apps import AppConfig


class BlogConfig(AppConfig):
    name = "blog"
    label = "blog"

    def ready(self) -> None:
        from blog import mails, people, retention  # noqa: F401  (they register themselves)
