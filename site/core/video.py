"""Which videos may stand in a page, and their players that set no cookie before play is pressed.

The player's address follows from the page's address, so neither editors nor visitors cause a request to the host.
"""

from __future__ import annotations

import re
from typing import Any

from django.utils.html import format_html
from wagtail.embeds.finders.base import EmbedFinder

PLAYERS = [
    (
        "YouTube",
        re.compile(
            r"^https://(?:(?:www|m)\.)?(?:youtube\.com/(?:watch\?(?:[^#]*&)?v=|shorts/|live/)|youtu\.be/)"
            r"(?P<key>[\w-]{11})(?:[?&#].*)?$",
            re.ASCII,
        ),
        "https://www.youtube-nocookie.com/embed/{}",
    ),
    (
        "Vimeo",
        re.compile(r"^https://(?:www\.)?vimeo\.com/(?P<key>\d{6,12})(?:[/?#].*)?$", re.ASCII),
        "https://player.vimeo.com/video/{}?dnt=1",
    ),
]


def player(url: str) -> tuple[str, str] | None:
    """(host's name, address of the player) for a video's page; None when it is no video we show.

    >>> player("https://youtu.be/dQw4w9WgXcQ")
    ('YouTube', 'https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ')
    """
    for name, pattern, address in PLAYERS:
        found = pattern.match(url)
        if found:
            return name, address.format(found["key"])
    return None


class VideoFinder(EmbedFinder):
    """Wagtail's seam for embeds: accepts the hosts above and nothing else."""

    def accept(self, url: str) -> bool:
        return player(url) is not None

    def find_embed(self, url: str, max_width: int | None = None, max_height: int | None = None) -> dict[str, Any]:
        name, address = player(url) or ("", "")
        frame = format_html(
            '<iframe src="{}" width="640" height="360" title="{}" loading="lazy" allowfullscreen></iframe>',
            address,
            name,
        )
        return {
            "title": "",
            "author_name": "",
            "provider_name": name,
            "type": "video",
            "thumbnail_url": "",
            "width": 640,
            "height": 360,
            "html": frame,
        }


embed_finder_class = VideoFinder
