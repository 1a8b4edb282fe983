from wagtail.models import Locale
from wagtail_localize.models import StringTranslation, Translation, TranslationSource

from blog.letters import letter_of
from blog.models import NewsletterIssuePage, WhenMissing
from blog.tests.factories import make_issue, newsletter_of


def test_an_issue_is_translated_at_the_translators_desk(db):
    newsletter_of("de")
    english = make_issue("en", when_missing=WhenMissing.BLOCK, subject="Spring teas", preheader="New leaves")
    german = Locale.objects.get(language_code="de")
    source, _created = TranslationSource.get_or_create_from_instance(english)
    source.refresh_segments()
    words = {"Spring teas": "Frühlingstees", "New leaves": "Neue Blätter", "Words in en": "Deutsche Worte"}
    for segment in source.stringsegment_set.select_related("string", "context"):
        StringTranslation.objects.create(
            translation_of=segment.string,
            context=segment.context,
            locale=german,
            data=words.get(segment.string.data, f"{segment.string.data} (de)"),
        )

    Translation.objects.create(source=source, target_locale=german).save_target(publish=True)

    page = NewsletterIssuePage.objects.get(locale=german)
    letter = letter_of(page)
    assert (letter.language, letter.subject) == ("de", "Frühlingstees")
    assert "Deutsche Worte" in letter.text
    assert (page.preheader, page.when_missing) == ("Neue Blätter", WhenMissing.BLOCK)
    assert page.translation_key == english.translation_key
