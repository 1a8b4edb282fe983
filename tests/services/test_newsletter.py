"""A newsletter survives the death of its worker: nobody is forgotten, and at most one mail a kill comes twice."""

from tests.bench.newsletter import send_to_many
from tests.environment import own_database


def test_two_killed_workers_forget_nobody(committed_db):
    outcome = send_to_many(own_database(), subscribers=300, kills=2)

    assert outcome.missing == 0
    assert outcome.duplicates <= 2
    assert outcome.sink.languages.keys() == {"en", "de", "ar"}
    assert min(outcome.sink.languages.values()) >= 100
    twice = [identity for identity, number in outcome.sink.identities.items() if number > 1]
    assert len(twice) == outcome.duplicates  # a repeated mail is recognised by its Message-ID
