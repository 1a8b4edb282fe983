from datetime import timedelta
from decimal import Decimal

import pytest
from bs4 import BeautifulSoup
from django.utils import timezone

from blog.letters import TEST_KEY, letter_of
from blog.models import NewsletterIssuePage
from blog.plain_text import plain_text
from blog.tests.factories import make_issue, make_subscriber
from catalog import stock
from catalog.models import Variant
from catalog.tests.factories import make_category, make_image, make_product
from core.blocks import ARTICLE_BLOCKS
from core.models import ShopSettings


@pytest.fixture
def everything(db):
    """One of each kind of block, and what must be found of it in HTML and text."""
    picture = make_image(size=(1600, 900))
    category = make_category("Green tea")
    sencha = make_product(
        "Sencha", category=category, images=[picture], variants=[{"price": "12.40"}], texts={"en": {"summary": "Mild"}}
    )
    pot = make_product("Kyusu pot", languages=("en", "de", "ar"), variants=[{"price": "58"}, {"price": "64"}])
    return {
        "heading": ("A heading", "A heading"),
        "paragraph": ('<p>Words with a <a href="/en/shop/">link</a> &amp; more</p><ul><li>One</li></ul>', "& more"),
        "quote": ({"text": "Drink it.", "source": "Sen no Rikyū"}, "Sen no Rikyū"),
        "facts": ({"caption": "Brewing", "header": [], "rows": [["Water", "70 °C"]]}, "Water · 70 °C"),
        "faq": ({"heading": "Asked", "questions": [{"question": "Why?", "answer": "<p>Because.</p>"}]}, "Because."),
        "call_to_action": (
            {"chosen": None, "heading": "Come in", "text": "Now", "label": "All teas", "page": None},
            "All teas (http://testserver/en/shop/)",
        ),
        "picture": ({"image": picture, "alt": "A leaf", "caption": "The leaf"}, "The leaf"),
        "gallery": (
            {"heading": "Pots", "pictures": [{"image": picture, "alt": "", "caption": "The pot"}] * 2},
            "The pot",
        ),
        "video": (
            {"video": "https://youtu.be/dQw4w9WgXcQ", "title": "Pouring", "image": None},
            "Watch “Pouring” (https://youtu.be/dQw4w9WgXcQ)",
        ),
        "product": (
            {"product": sencha.pk, "note": "New", "when_gone": "hide", "substitute": None},
            "Sencha (http://testserver/en/product/sencha/)",
        ),
        "products": (
            {"heading": "Green", "intro": "", "source": "category", "category": category.pk, "limit": 3},
            "€12.40",
        ),
        "comparison": ({"heading": "Side by side", "products": [sencha.pk, pot.pk]}, "from €58.00"),
    }


def body_of(everything):
    """As the editor stores it."""

    def stored(kind, value):
        if isinstance(value, dict):
            value = {key: getattr(part, "pk", part) for key, part in value.items()}
            if "pictures" in value:
                value["pictures"] = [{**part, "image": part["image"].pk} for part in value["pictures"]]
        return {"type": kind, "value": value}

    return [stored(kind, value) for kind, (value, _found) in everything.items()]


def issue_with(everything):
    import json

    return make_issue(body=json.dumps(body_of(everything)), preheader="What is new")


def test_every_kind_of_block_stands_in_the_mail(everything):
    assert set(everything) == {name for name, _block in ARTICLE_BLOCKS}

    letter = letter_of(issue_with(everything))

    shown = plain_text(letter.html)
    for kind, (_value, expected) in everything.items():
        assert expected in letter.text, kind
        assert expected in shown, kind


def test_html_is_what_mail_programs_understand(everything):
    letter = letter_of(issue_with(everything))

    soup = BeautifulSoup(letter.html, "html.parser")
    assert not soup.select("script, link, form, button, svg, picture, source, [class*=hx-], iframe, input")
    assert "style" in soup.h1.attrs
    for name in ("href", "src"):
        assert all(tag[name].startswith(("http://testserver", "https://")) for tag in soup.find_all(attrs={name: True}))
    pictures = soup.find_all("img")
    assert len(pictures) == 5
    assert all(img["src"].endswith(".jpg") and img.has_attr("alt") and img["width"] for img in pictures)
    assert (soup.html["lang"], soup.html["dir"]) == ("en", "ltr")
    assert "var(" not in letter.html
    assert "prefers-color-scheme: dark" in letter.html


def test_arabic_reads_from_right_to_left(db):
    pot = make_product("Pot", languages=("en", "ar"), variants=[{"price": "58"}])
    body = [("product", {"product": pot, "note": "", "when_gone": "hide", "substitute": None})]

    letter = letter_of(make_issue("ar", body=body))

    html = BeautifulSoup(letter.html, "html.parser").html
    assert (html["lang"], html["dir"]) == ("ar", "rtl")
    assert "Pot ar" in letter.text
    assert "/en/" not in letter.html


def test_prices_are_those_of_this_moment(everything):
    issue = issue_with(everything)
    assert "€12.40" in letter_of(issue).text

    now = timezone.now()
    Variant.objects.filter(product__translations__name="Sencha").update(
        sale_price=Decimal("9.90"), sale_from=now - timedelta(hours=1), sale_until=now + timedelta(hours=1)
    )

    issue = NewsletterIssuePage.objects.get(pk=issue.pk)
    assert "€9.90 €12.40" in letter_of(issue).text


def test_what_is_sold_out_is_not_praised(everything):
    issue = issue_with({"product": everything["product"], "heading": everything["heading"]})
    variant = Variant.objects.get(product__translations__name="Sencha", product__translations__language_code="en")
    stock.adjust(variant, count=0, reason="test")

    assert "Sencha" not in letter_of(issue).text


def test_each_reader_gets_an_own_way_out(db):
    letter = letter_of(make_issue("de"))
    ada, ben = make_subscriber("ada@example.org"), make_subscriber("ben@example.org")

    mail = letter.to(ada.email, ada.key, "1-7")

    address = f"http://testserver/de/newsletter/unsubscribe/{ada.key}/"
    message = mail.message()
    assert mail.to == ["ada@example.org"]
    assert message["List-Unsubscribe"] == f"<{address}>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message["Message-ID"] == "<newsletter.1-7@testserver>"
    for text in (mail.body, mail.alternatives[0].content):
        assert text.count(address) == 1
        assert "unsubscribe.invalid" not in text
    assert ben.key not in mail.message().as_string()


def test_a_line_break_in_a_subject_is_no_header(db):
    mail = letter_of(make_issue(subject="Teas\r\nBcc: all@example.org")).to("ada@example.org", TEST_KEY, "1-1")

    assert mail.message()["Bcc"] is None
    assert mail.subject == "Teas Bcc: all@example.org"


def test_words_are_escaped(db):
    ShopSettings.objects.create(name="<b>Shop</b>")

    letter = letter_of(make_issue(title="<script>alert(1)</script>", body=[("heading", "<img src=x>")]))

    assert "<script" not in letter.html
    assert "<img" not in letter.html
    assert "<b>Shop" not in letter.html


def test_the_letter_of_a_draft_names_no_page_that_nobody_can_open(db):
    issue = make_issue(live=False)

    assert "Read this on our site" not in letter_of(issue).text
    issue.live = True
    assert f"(http://testserver{issue.url})" in letter_of(issue).text


def test_the_number_of_queries_does_not_grow_with_the_products(db, django_assert_max_num_queries):
    picture = make_image()
    products = [make_product(f"Tea {number}", images=[picture]) for number in range(12)]
    body = [
        ("product", {"product": product, "note": "", "when_gone": "hide", "substitute": None}) for product in products
    ]
    issue = make_issue(body=body)
    letter_of(NewsletterIssuePage.objects.get(pk=issue.pk))

    with django_assert_max_num_queries(24):
        letter_of(NewsletterIssuePage.objects.get(pk=issue.pk))
