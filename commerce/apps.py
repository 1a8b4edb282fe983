from django.apps import AppConfig


class CommerceConfig(AppConfig):
    name = "commerce"
    label = "commerce"

    def ready(self) -> None:
        from commerce import checks, desk_mails, mails, payment_mails, refund_mails  # noqa: F401  (they register themselves)
        from commerce.documents import credit  # noqa: F401  (it registers itself)
