from django.apps import AppConfig


class CommerceConfig(AppConfig):
    name = "commerce"
    label = "commerce"

    def ready(self) -> None:
        # They register themselves.
        from commerce import checks, desk_mails, health, mails, payment_mails, people, refund_mails, retention  # noqa: F401
        from commerce.documents import credit  # noqa: F401  (it registers itself)
