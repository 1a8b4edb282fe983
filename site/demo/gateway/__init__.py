"""The demo payment gateway: its own small process that speaks the slice of Stripe's HTTP API which the shop uses.

The shop always talks through ``stripe.StripeClient``; here it finds Checkout Sessions, refunds, disputes, coupons,
events, signed webhooks with retries, and a hosted payment page on which no money moves. Going live changes keys only.
A payment's page behind ``/`` refunds it as if in Stripe's own pages, lets refunds fail later, and disputes it.

Start: ``PYTHONPATH=site python -m demo.gateway`` (settings: ``config.py``). State: one SQLite file, so that the
process may be killed at any moment and started again without losing a session or an undelivered event.

Honest limit: this holds the shop against *our reading* of Stripe. Published samples and the types of the ``stripe``
package keep that reading close, but it cannot show that Stripe itself accepts a request. Before going live, run a
purchase, a refund and a webhook once with real test keys. Known differences, all on purpose:

* parameters that Stripe knows but the shop does not send are refused as unknown;
* Stripe's page speaks 41 locales, Arabic is not among them. ``locale="ar"`` is refused here as it is there. With
  ``locale="auto"`` Stripe follows the browser; this page first follows the language of the shop's address
  (``/ar/...``), so that the demo shows a right-to-left payment page, and offers the other languages as links;
* undelivered webhooks are retried for about a day, not three.
"""
