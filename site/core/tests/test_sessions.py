import pytest
from django.contrib.sessions.models import Session

from core.sessions import SessionStore


def begun(**values):
    session = SessionStore()
    session.update(values)
    session.save()
    return SessionStore(session.session_key)


def stored(session):
    return dict(SessionStore(session.session_key).items())


def test_it_works(db):
    session = begun(cart="tea")

    with session.alone():
        session["cart"] += " and cake"

    assert stored(session) == {"cart": "tea and cake"}


def test_what_others_wrote_since_is_read_again(db):
    mine = begun(cart="tea")
    assert mine["cart"] == "tea"
    other = SessionStore(mine.session_key)
    other["cart"] = "coffee"
    other.save()

    with mine.alone():
        mine["cart"] += " and cake"

    assert stored(mine) == {"cart": "coffee and cake"}


def test_the_response_does_not_undo_what_others_wrote_after(db):
    mine = begun(cart="tea")
    with mine.alone():
        mine["cart"] = "coffee"
    other = SessionStore(mine.session_key)
    with other.alone():
        other["cart"] = "cocoa"

    assert mine.modified  # so the response sends the cookie again
    mine.save()

    assert stored(mine) == {"cart": "cocoa"}


def test_writing_what_was_there_already_undoes_nothing(db):
    """Two checkouts of one visitor at once: both bring the same name and address."""
    mine = begun(typed="Mina Berg")
    with mine.alone():
        mine["typed"] = "Mina Berg"
    other = SessionStore(mine.session_key)
    with other.alone():
        other["ordered"] = "first"

    with mine.alone():
        assert mine.get("ordered") == "first"
    mine.save()

    assert stored(mine) == {"typed": "Mina Berg", "ordered": "first"}


def test_after_an_exception_the_response_does_not_undo_what_others_wrote(db):
    mine = begun(cart="tea")
    with mine.alone():
        mine["typed"] = "Mina Berg"
    other = SessionStore(mine.session_key)
    with other.alone():
        other["ordered"] = "first"
    with pytest.raises(ValueError), mine.alone():
        raise ValueError
    assert mine["cart"] == "tea"
    with other.alone():
        other["cart"] = "cocoa"

    mine.save()

    assert stored(mine) == {"cart": "cocoa", "typed": "Mina Berg", "ordered": "first"}


def test_what_is_changed_later_is_saved(db):
    session = begun(cart="tea")
    with session.alone():
        session["cart"] = "coffee"

    session["seen"] = True
    session.save()

    assert stored(session) == {"cart": "coffee", "seen": True}


def test_what_was_changed_before_is_kept(db):
    session = begun(cart="tea")
    session["seen"] = True

    with session.alone():
        session["cart"] = "coffee"

    assert stored(session) == {"cart": "coffee", "seen": True}


def test_after_an_exception_nothing_has_changed(db):
    session = begun(cart="tea")

    with pytest.raises(ValueError), session.alone():
        session["cart"] = "coffee"
        raise ValueError

    assert session["cart"] == "tea"
    assert not session.modified
    assert stored(session) == {"cart": "tea"}


def test_alone_within_alone_is_one(db):
    session = begun(cart="tea")

    with session.alone():
        session["cart"] = "coffee"
        with session.alone():
            session["cart"] += " and cake"

    assert stored(session) == {"cart": "coffee and cake"}


def test_a_session_that_has_not_begun_is_left_to_the_response(db):
    session = SessionStore()

    with session.alone():
        session["cart"] = "tea"

    assert session["cart"] == "tea"
    assert not Session.objects.exists()


def test_a_session_that_ended_begins_empty(db):
    session = begun(cart="tea")
    Session.objects.all().delete()

    with session.alone():
        assert session.is_empty()
