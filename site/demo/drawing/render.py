"""SVG to WebP: resvg rasterises, Pillow compresses, quality gives way before a file grows heavy."""

from io import BytesIO
from pathlib import Path

import resvg_py
from PIL import Image

from demo.drawing.book import Picture

FOLDER = Path(__file__).parent.parent / "pictures"
QUALITIES = (80, 76, 72, 68)
SIZE_WANTED = 60_000


def webp(picture: Picture) -> bytes:
    """The picture as WebP of at most `SIZE_WANTED` bytes, or of the lowest quality we show."""
    png = resvg_py.svg_to_bytes(svg_string=picture.svg(), skip_system_fonts=True)
    image = Image.open(BytesIO(png)).convert("RGB")
    data = b""
    for quality in QUALITIES:
        buffer = BytesIO()
        image.save(buffer, "WEBP", quality=quality, method=6)
        data = buffer.getvalue()
        if len(data) <= SIZE_WANTED:
            break
    return data


def write(picture: Picture) -> int:
    """Render into the pictures folder; answers the size in bytes. A file that would not change is left alone."""
    data = webp(picture)
    file = FOLDER / f"{picture.name}.webp"
    if not file.exists() or file.read_bytes() != data:
        FOLDER.mkdir(exist_ok=True)
        file.write_bytes(data)
    return len(data)
