"""Every fault, one after the other, on real processes; what was measured, beside what is promised.

    python -m tests.faults redis_gone postgres_restarted    # all of them without a name

ends with 1 when anything is broken. `promises` runs on a schedule of its own, with production's SWEEP_SECONDS.
"""

from __future__ import annotations

import argparse
import sys
import time
import traceback
from collections.abc import Callable

from tests.environment import SERVERS
from tests.faults import payments, services
from tests.faults.figures import Figure, Figures
from tests.faults.shop import Shop

Fault = Callable[[Shop, Figures], None]
FAULTS: tuple[Fault, ...] = (
    services.promises,
    services.redis_gone,
    services.worker_killed_mid_mail,
    services.worker_killed_mid_pdf,
    services.postgres_restarted,
    services.postgres_killed,
    services.mail_refused,
    services.mail_hanging,
    payments.fails_after_creating,
    payments.too_many_requests,
    payments.hangs,
    payments.hangs_for_a_crowd,
    payments.unreachable,
    payments.late_payment_whose_refund_fails,
    payments.lies,
)


def bring_about(fault: Fault, figures: Figures) -> None:
    """One fault in a shop of its own. What does not end in time counts as broken."""
    name, began = fault.__name__, time.monotonic()
    try:
        with Shop(sweep_seconds=60 if fault is services.promises else 3) as shop:
            fault(shop, figures)
    except Exception as error:  # the other faults have figures, too
        traceback.print_exc()
        figures.rows.append(Figure(name, str(error)[:60] or type(error).__name__, 1, 0, 0, ""))
    print(f"{name}: {time.monotonic() - began:.0f} s", flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    known = {fault.__name__: fault for fault in FAULTS}
    parser.add_argument("faults", nargs="*", metavar="fault", help=", ".join(known))
    wish = parser.parse_args()
    if unknown := set(wish.faults) - known.keys():
        parser.error(f"no such fault: {', '.join(sorted(unknown))}")
    figures = Figures()
    try:
        for name in wish.faults or known:
            bring_about(known[name], figures)
    finally:
        for server in SERVERS:
            server.stop()
    print(figures.table())
    return 1 if figures.broken else 0


if __name__ == "__main__":
    sys.exit(main())
