"""Passages with marked words."""

from time import perf_counter

from search.snippets import snippet


def test_the_passage_with_the_most_different_words_is_shown():
    text = "tea " + "x " * 300 + "tea and more tea " + "y " * 300 + "tea in a blue pot " + "z " * 300

    assert "<mark>tea</mark> in a blue <mark>pot</mark>" in snippet(text, {"tea", "pot"})


def test_a_word_that_a_long_text_repeats_costs_no_more_than_its_length():
    begin = perf_counter()

    assert snippet("tea pot " * 12_500, {"tea", "pot"}).count("<mark>") > 20

    assert perf_counter() - begin < 2
