"""`python -m demo.drawing [name…]` draws the demo's pictures: all, or those whose name begins so."""

import sys
import time

from demo.drawing.book import PICTURES

try:
    from demo.drawing.render import write
except ImportError as error:
    sys.exit(f"Drawing needs the development packages (resvg-py, Pillow): {error}")


def main(names: list[str]) -> int:
    """Draw what was asked for; 2 when nothing is called that."""
    chosen = [picture for name, picture in PICTURES.items() if not names or name.startswith(tuple(names))]
    if not chosen:
        print(f"No picture begins with {', '.join(names)}.", file=sys.stderr)
        return 2
    started, total = time.monotonic(), 0
    for number, picture in enumerate(chosen, start=1):
        size = write(picture)
        total += size
        print(f"[{number:3}/{len(chosen)}] {picture.name}.webp  {size // 1000} kB", flush=True)
    print(f"{len(chosen)} pictures, {total / 1e6:.1f} MB, {time.monotonic() - started:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
