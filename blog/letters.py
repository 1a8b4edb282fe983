"""An issue as a mail: HTML for mail programs, and the same as plain text, with the prices of this moment."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from wagtail.blocks import StreamValue

from blog.models import NewsletterIssuePage
from blog.plain_text import plain_text
from catalog.blocks import Shelf, load_shelf, product_blocks
from core.feeds import with_whole_addresses
from core.mail import INLINER, mail_context

# Stands in the letter where each reader's own address to unsubscribe goes.
UNSUBSCRIBE = "https://unsubscribe.invalid/"
TEST_KEY = "test"  # of no subscriber


@dataclass(frozen=True)
class Letter:
    """One issue in one language, ready but for the reader's own address to unsubscribe."""

    language: str
    subject: str
    html: str
    text: str

    def to(self, email: str, key: str, number: str) -> EmailMultiAlternatives:
        """The mail to one reader. `key`: the subscriber's. `number`: the same when the mail is sent again."""
        address = unsubscribe_address(key, self.language)
        host = urlsplit(settings.BASE_URL).hostname
        headers = {
            "Message-ID": f"<newsletter.{number}@{host}>",
            "List-Id": f"<newsletter.{host}>",
            "List-Unsubscribe": f"<{address}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            "Precedence": "bulk",
        }
        mail = EmailMultiAlternatives(
            self.subject, self.text.replace(UNSUBSCRIBE, address), to=[email], headers=headers
        )
        mail.attach_alternative(self.html.replace(UNSUBSCRIBE, address), "text/html")
        return mail


def unsubscribe_address(key: str, language: str) -> str:
    with translation.override(language):
        return settings.BASE_URL + reverse("blog:unsubscribe", args=[key])


def letter_of(issue: NewsletterIssuePage) -> Letter:
    """The mail of an issue, which may be a draft, in the issue's own language."""
    language = issue.locale.language_code
    with translation.override(language):
        subject = " ".join(issue.subject.split())
        context = mail_context(
            issue=issue,
            subject=subject,
            blocks=rendered_blocks(issue.body),
            web_url=absolute(issue.url or "") if issue.live else "",
            unsubscribe_url=UNSUBSCRIBE,
        )
        html = with_whole_addresses(render_to_string("mail/newsletter.html", context))
    return Letter(language, subject, INLINER.inline(html), plain_text(html))


def rendered_blocks(body: StreamValue, shelf: Shelf | None = None) -> SafeString:
    """Each block by its own template for mails and feeds; what cannot be bought now shows as little as on the page.
    `shelf`: with the products of several texts, when they were loaded together."""
    shelf = shelf or load_shelf(product_blocks(body))
    context = mail_context(shelf=shelf)
    shown = [block for block in body if block.block_type != "newsletter"]  # a form works on a page only
    return format_html_join(
        "",
        "{}",
        (
            (render_to_string(f"mail/blocks/{block.block_type}.html", {**context, "value": block.value}),)
            for block in shown
        ),
    )


def absolute(address: str) -> str:
    return urljoin(settings.BASE_URL + "/", address)
