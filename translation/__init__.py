"""The translators' desk: roles per language, source beside target, outdated fields, overview, Rosetta's safeguards."""

from collections.abc import Iterator


def outdated_for_inbox() -> Iterator[tuple[int, int, str]]:
    """(content type, object, language) of every outdated translation of a snippet, for the editors' problems."""
    from translation.models import Standing  # models are ready only later than this package

    rows = Standing.objects.filter(state=Standing.State.OUTDATED).order_by("pk")
    yield from rows.values_list("content_type", "object_id", "language_code")
