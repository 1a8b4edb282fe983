from django.apps import AppConfig


class CommerceConfig(AppConfig):
    name = "commerce"
    label = "commerce"

    def ready(self) -> None:
        from commerce import checks, mails  # noqa: F401  (both register themselves)
