"""HTML of strangers becomes our blocks: nothing runs, no words are lost, and our own export comes back as it was."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.exchange.html import parse_html, to_html

SHOPIFY = """<meta charset="utf-8"><div class="x" style="color:red"><h1>Our <em>best</em> tea</h1>
<p data-mce-fragment="1">First <strong>cut</strong>,&nbsp;by <span>hand</span>.<br>Second line</p>
<ul>
<li><p>one</p></li>
<li>two <ul><li>deep</li></ul></li>
</ul>
<h4>Facts</h4>
<table><tbody><tr><th>Leaf</th><td>5 g</td></tr><tr><td></td><td></td></tr></tbody></table>
<blockquote>Hot water<footer>— Rikyū</footer></blockquote>
<p><img src="https://cdn.shopify.com/a.jpg?v=1" alt="A leaf" onerror="alert(1)"></p>
<iframe src="//www.youtube.com/embed/dQw4w9WgXcQ?rel=0" title="How"></iframe>
loose words</div>"""


def test_it_works():
    assert parse_html(SHOPIFY) == [
        ("heading", "Our best tea"),
        (
            "paragraph",
            "<p>First <b>cut</b>,&nbsp;by hand.<br>Second line</p><ul><li>one</li>"
            "<li>two <ul><li>deep</li></ul></li></ul><h3>Facts</h3>",
        ),
        ("facts", {"caption": "", "header": [], "rows": [["Leaf", "5 g"]]}),
        ("quote", {"source": "Rikyū", "text": "Hot water"}),
        ("picture", {"alt": "A leaf", "caption": "", "image": "https://cdn.shopify.com/a.jpg?v=1"}),
        ("video", {"image": None, "title": "How", "video": "https://www.youtube.com/watch?v=dQw4w9WgXcQ"}),
        ("paragraph", "<p>loose words</p>"),
    ]


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        '<p onclick="alert(1)">x</p>',
        '<a href="javascript:alert(1)">x</a>',
        '<a href="jav&#x09;ascript:alert(1)">x</a>',
        '<a href="data:text/html,<script>alert(1)</script>">x</a>',
        '<img src="javascript:alert(1)">',
        '<img src="data:image/svg+xml,<svg onload=alert(1)>">',
        '<svg><script>alert(1)</script></svg><math><mi//xlink:href="data:x,<script>alert(1)</script>">',
        '<iframe src="https://evil.example/"></iframe><iframe srcdoc="<script>alert(1)</script>"></iframe>',
        "<style>@import 'http://evil.example'</style><link rel=stylesheet href=//evil.example>",
        '<form action="//evil.example"><input name=x></form><object data="x"></object>',
        '<div data-block="paragraph"><script>alert(1)</script><p onmouseover=alert(1)>x</p></div>',
        '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
        "&lt;script&gt;alert(1)&lt;/script&gt;<p>&lt;img src=x onerror=alert(1)&gt;</p>",
    ],
)
def test_nothing_runs(hostile):
    html = to_html(parse_html(hostile)).casefold()

    for bad in ("<script", "javascript:", "<svg", "<iframe", "<form", "<style", "<object", "evil.example", "data:"):
        assert bad not in html
    for attribute in (" onclick=", " onmouseover=", " srcdoc="):
        assert attribute not in html
    assert "<img src=x onerror" not in html


def test_plain_text_and_nothing():
    assert parse_html("One & two\nlines\n\nThree <4") == [
        ("paragraph", "<p>One &amp; two<br>lines</p><p>Three &lt;4</p>")
    ]
    assert parse_html("") == parse_html("<p> </p><div></div><p>&nbsp;</p>") == []


def test_very_deep_nesting_keeps_the_words():
    assert parse_html("<div>" * 20_000 + "deep" + "</div>" * 20_000) == [("paragraph", "<p>deep</p>")]


WORDS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20).map(
    lambda s: " ".join(s.split())
)
SAID = WORDS.filter(bool)
BLOCKS = st.one_of(
    st.tuples(st.just("heading"), SAID),
    st.tuples(
        st.just("paragraph"), st.sampled_from(["<p>a</p>", "<p>b <b>c</b></p><ul><li>d</li></ul>", "<h3>e</h3>"])
    ),
    st.tuples(st.just("quote"), st.fixed_dictionaries({"text": SAID, "source": WORDS})),
    st.tuples(
        st.just("facts"),
        st.fixed_dictionaries(
            {
                "caption": WORDS,
                "header": st.lists(WORDS, max_size=3),
                "rows": st.lists(st.lists(WORDS, min_size=1, max_size=3), min_size=1, max_size=3),
            }
        ),
    ),
    st.tuples(st.just("picture"), st.fixed_dictionaries({"image": st.none() | SAID, "alt": WORDS, "caption": WORDS})),
    st.tuples(st.just("faq"), st.dictionaries(SAID, st.none() | SAID | st.lists(SAID))),
)


@given(st.lists(BLOCKS, max_size=6))
def test_any_blocks_come_back_as_they_were(blocks):
    assert parse_html(to_html(blocks)) == blocks
