from django.apps import AppConfig


class CommerceConfig(AppConfig):
    name = "commerce"
    label = "commerce"

    def ready(self) -> None:
        from commerce import (  # noqa: F401  (they register themselves)
            alerts,
            checks,
            desk_mails,
            difference_mails,
            export_files,
            health,
            mails,
            payment_mails,
            people,
            refund_mails,
            retention,
        )
        from commerce.documents import credit  # noqa: F401  (it registers itself)
