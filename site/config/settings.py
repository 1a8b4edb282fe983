"""One settings file, driven by the environment, safe for production unless told otherwise.

Every variable is described in `.env.example`. A missing secret stops the start with a sentence that says what to set.
"""

import os
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import available_timezones

import environ
from celery.schedules import crontab
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

BASE_DIR = Path(__file__).resolve().parent.parent.parent
VAR_DIR = BASE_DIR / "var"

env = environ.Env()
env.read_env(BASE_DIR / ".env")
if not os.environ.get("DATABASE_URL"):  # else somebody has set up a shop of their own
    env.read_env(VAR_DIR / "run" / "env")  # written by `make run`, so that manage.py finds its services
env.ENVIRON = {name: value for name, value in os.environ.items() if value}  # `NAME=` in .env means: not set


def required(name: str, example: str) -> str:
    """The variable's value. Raises ImproperlyConfigured with what to set when it is missing."""
    value = env.str(name, default="")
    if not value:
        raise ImproperlyConfigured(f"{name} is not set. Set it in the environment or in .env, e.g. {name}={example}")
    return value


DEBUG = env.bool("DEBUG", default=False)
STORE_DEMO = env.bool("STORE_DEMO", default=False)
SECRET_KEY = required("SECRET_KEY", "$(openssl rand -hex 32)")
BASE_URL = required("BASE_URL", "https://shop.example").rstrip("/")
HTTPS = urlsplit(BASE_URL).scheme == "https"
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[urlsplit(BASE_URL).hostname])
CSRF_TRUSTED_ORIGINS = [BASE_URL]
TRUSTED_PROXIES = env.list("TRUSTED_PROXIES", default=[])

# Applications

INSTALLED_APPS = [
    *(["demo"] if STORE_DEMO else []),
    "editorial",
    "translation",
    "search",
    "commerce",
    "blog",
    "catalog",
    "core",
    "wagtail_localize",
    "wagtail_localize.locales",
    "wagtail.contrib.redirects",
    "wagtail.contrib.routable_page",
    "wagtail.contrib.settings",
    "wagtail.embeds",
    "wagtail.sites",
    "wagtail.users",
    "wagtail.snippets",
    "wagtail.documents",
    "wagtail.images",
    "wagtail.search",
    "wagtail.admin",
    "wagtail",
    "modelcluster",
    "taggit",
    "parler",
    "rosetta",
    "localflavor",
    "django_htmx",
    "csp",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "django.forms",
]

MIDDLEWARE = [
    "core.middleware.ProbeMiddleware",
    "core.middleware.RequestIdMiddleware",
    "core.middleware.TrustedProxyMiddleware",
    "core.middleware.NullMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "core.middleware.PolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "translation.middleware.InterfaceTextsMiddleware",
    "core.middleware.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "core.middleware.GoneMiddleware",
    "wagtail.contrib.redirects.middleware.RedirectMiddleware",
    "editorial.middleware.ReviewMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"  # our widgets have templates, too
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.debug",
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "core.context_processors.shop",
            ],
        },
    }
]

# Services. Sessions and carts live in PostgreSQL: losing Redis must not lose a sale.

DATABASES = {"default": {**env.db_url_config(required("DATABASE_URL", "postgresql://user@host/vitrine"))}}
DATABASES["default"]["CONN_MAX_AGE"] = 60
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
REDIS_URL = required("REDIS_URL", "redis://localhost:6379/0")
CACHES = {
    "default": {
        "BACKEND": "core.cache.ForgivingRedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "vitrine",
        "OPTIONS": {"socket_connect_timeout": 0.3, "socket_timeout": 0.3},
    }
}
SESSION_ENGINE = "core.sessions"
SESSION_COOKIE_AGE = env.int("KEEP_CARTS_DAYS", default=14) * 24 * 3600
# Looking at products begins a session, and so sets a cookie. Ask a lawyer first: it may need consent.
RECENT_FROM_THE_START = env.bool("RECENT_FROM_THE_START", default=False)
BEST_SELLER_DAYS = env.int("BEST_SELLER_DAYS", default=90)

CELERY_BROKER_URL = env.str("CELERY_BROKER_URL", default=REDIS_URL.replace("unix://", "redis+socket://"))
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 600,
    "socket_connect_timeout": 1,
    "socket_timeout": 2,
    "max_retries": 1,
    "interval_start": 0,  # a purchase does not wait for a queue that is gone
}
CELERY_TIMEZONE = TIME_ZONE = env.str("TIME_ZONE", default="Europe/Berlin")
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = (
    None  # a hundred tries by default: the worker would end after an hour without Redis
)
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_TIME_LIMIT = 300
CELERY_WORKER_HIJACK_ROOT_LOGGER = False  # its lines are written like all others: core/logs.py
SWEEP_SECONDS = env.int("SWEEP_SECONDS", default=60)
CELERY_BEAT_SCHEDULE = {
    "publish-due": {"task": "core.tasks.publish_due", "schedule": 60},
    "sweep-orders": {"task": "commerce.tasks.sweep", "schedule": SWEEP_SECONDS},
    "send-outbox": {"task": "core.tasks.send_outbox", "schedule": SWEEP_SECONDS},
    "observe-translations": {"task": "translation.tasks.observe", "schedule": 60},
    "send-newsletters": {"task": "blog.tasks.send_newsletters", "schedule": SWEEP_SECONDS},
    "sweep-imports": {"task": "catalog.tasks.sweep_imports", "schedule": 60},
    "catch-up-search": {"task": "search.tasks.catch_up", "schedule": 60},
    "refresh-boosts": {"task": "search.tasks.refresh_boosts", "schedule": 60},
    "repair-search": {"task": "search.tasks.repair", "schedule": 900},
    "count-queries": {"task": "search.tasks.count_queries", "schedule": 300},
    "compare-payments": {"task": "commerce.tasks.compare_payments", "schedule": crontab(hour=4, minute=20)},
    "forget": {"task": "core.tasks.forget", "schedule": crontab(hour=3, minute=10)},
    "refresh-popularity": {"task": "commerce.tasks.refresh_popularity", "schedule": 3600},
    "fade-suggestions": {"task": "commerce.tasks.fade_suggestions", "schedule": crontab(hour=3, minute=20)},
}

# Languages: a long one and a right-to-left one keep the layout honest.

USE_I18N = True
USE_TZ = True
LANGUAGE_CODE = "en"
LANGUAGES = WAGTAIL_CONTENT_LANGUAGES = [("en", _("English")), ("de", _("German")), ("ar", _("Arabic"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
# What has no text in a language is shown there in the default one; hidden instead: "product", "category".
HIDE_UNTRANSLATED = env.list("HIDE_UNTRANSLATED", default=[])
WAGTAIL_I18N_ENABLED = True
WAGTAIL_ALLOW_UNICODE_SLUGS = True
WAGTAIL_FINISH_WORKFLOW_ACTION = "editorial.finish.publish_approved"
WAGTAILADMIN_USER_LOGIN_FORM = "editorial.forms.LoginForm"
WAGTAILADMIN_USER_PASSWORD_RESET_FORM = "editorial.forms.PasswordResetForm"
# Files that some systems keep beside the zones, and browsers do not know: the account page would end in an error.
WAGTAIL_USER_TIME_ZONES = sorted(available_timezones() - {"Factory", "localtime", "posixrules"})
WAGTAILADMIN_PERMITTED_LANGUAGES = [("en", "English"), ("de", "Deutsch"), ("ar", "العربية")]
PARLER_LANGUAGES = {
    None: tuple({"code": code} for code, _name in LANGUAGES),
    "default": {"fallbacks": [LANGUAGE_CODE], "hide_untranslated": False},
}
# A prefetched listing of 24 would make 24 cache calls; the rows are already there.
PARLER_ENABLE_CACHING = env.bool("PARLER_ENABLE_CACHING", default=False)

# Shop

SHOP_CURRENCY = env.str("SHOP_CURRENCY", default="EUR").strip().upper()
STRIPE_SECRET_KEY = env.str("STRIPE_SECRET_KEY", default="")
STRIPE_WEBHOOK_SECRETS = env.list("STRIPE_WEBHOOK_SECRETS", default=[])
STRIPE_API_BASE = env.str("STRIPE_API_BASE", default="")
# Where the browser finds the demo gateway's payment page; empty with the real Stripe.
GATEWAY_PUBLIC_BASE = env.str("GATEWAY_PUBLIC_BASE", default="")

COMPARE_DAYS = env.int("COMPARE_DAYS", default=14)  # so many days back; longer than a delayed payment takes

# Bank transfer, offered when there is an account.
BANK_TRANSFER_HOLDER = env.str("BANK_TRANSFER_HOLDER", default="").strip()
BANK_TRANSFER_IBAN = env.str("BANK_TRANSFER_IBAN", default="").replace(" ", "").upper()
BANK_TRANSFER_BIC = env.str("BANK_TRANSFER_BIC", default="").strip().upper()
BANK_TRANSFER_BANK = env.str("BANK_TRANSFER_BANK", default="").strip()
BANK_TRANSFER_DAYS = env.int("BANK_TRANSFER_DAYS", default=7)

# What is kept for how many days: KEEP_MAILS_DAYS and so on; 0: for ever. `manage.py forget --dry-run` explains.
RETENTION = {
    name: env.int(f"KEEP_{name.upper().replace('-', '_')}_DAYS", default=days)
    for name, days in {
        "mails": 180,  # done entries of the outbox: which mail left when
        "payment-messages": 90,  # Stripe itself shows its events for 30 days
        "unpaid-orders": 30,  # the personal data of expired and cancelled orders
        "finished-orders": 3650,  # the personal data of all others; longer than tax and warranty ask
        "unconfirmed-subscribers": 30,
        "unsubscribed": 1095,  # the proof of consent, as long as somebody may ask for it
        "comment-addresses": 180,
        "refused-comments": 30,  # and spam
        "imports": 90,
        "stock-counts": 365,
        "order-exports": 1095,  # who took names and addresses out of the shop
        "personal-data-acts": 1095,
        "search-queries": 180,  # what was searched for, counted per day
    }.items()
}

# Mail

EMAIL_URL = env.email_url("EMAIL_URL", default="consolemail://" if DEBUG or STORE_DEMO else "smtp://localhost:25")
vars().update(EMAIL_URL)
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.str("DEFAULT_FROM_EMAIL", default=f"shop@{urlsplit(BASE_URL).hostname}")
# Who is told that the shop itself has a problem. None: its administrators.
OPERATOR_EMAILS = env.list("OPERATOR_EMAILS", default=[])
JOB_FAILURES = env.int("JOB_FAILURES", default=3)  # so many in a row, before they are told

# Wagtail

WAGTAIL_SITE_NAME = "Vitrine"
WAGTAILADMIN_BASE_URL = BASE_URL
WAGTAIL_ENABLE_UPDATE_CHECK = False
WAGTAIL_GRAVATAR_PROVIDER_URL = None
WAGTAILIMAGES_MAX_UPLOAD_SIZE = 10 * 1024 * 1024
WAGTAILIMAGES_MAX_IMAGE_PIXELS = 50_000_000
WAGTAILDOCS_EXTENSIONS = ["csv", "docx", "odt", "pdf", "pptx", "txt", "xlsx", "zip"]
WAGTAILDOCS_SERVE_METHOD = "serve_view"
WAGTAILEMBEDS_RESPONSIVE_HTML = True
WAGTAILEMBEDS_FINDERS = [{"class": "core.video"}]
TAGGIT_CASE_INSENSITIVE = True
ROSETTA_ACCESS_CONTROL_FUNCTION = "core.permissions.may_translate_interface"
ROSETTA_STORAGE_CLASS = "rosetta.storage.DummyRosettaStorage"  # texts are kept in the database: translation.interface
INTERFACE_TEXTS_SECONDS: float | None = 5  # how old the interface texts of a process may be
LOGIN_URL = "wagtailadmin_login"
LOGIN_REDIRECT_URL = "wagtailadmin_home"

# Files

STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_URL = "/media/"
MEDIA_ROOT = env.path("MEDIA_ROOT", default=str(VAR_DIR / "media"))()
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

# Security

# What a visitor may do how often: name -> (times, seconds). Counted in core/limits.py.
RATE_LIMITS: dict[str, tuple[int, int]] = (
    {
        "login": (10, 900),  # wrong passwords for one name from one network
        "proof-user": (5, 300),  # passwords typed again by one person
        "newsletter-address": (3, 3600),
        "newsletter-ip": (20, 3600),  # several people of one office or one phone network
        "newsletter-test": (30, 3600),  # by one editor
        "comment-ip": (5, 3600),
        "coupon-ip": (10, 60),  # codes entered: nobody shall find one by guessing
        "checkout-ip": (5, 60),
        "order-find-ip": (10, 900),  # pairs of number and address tried
        "merchants-ip": (10, 900),  # whole feeds for merchants' directories; these come once a day and language
        "order-pay-ip": (10, 60),  # payment pages asked for once more: each asks the provider
        "checkout-units-ip": (500, 31 * 60),  # so many pieces are kept for unpaid orders, as long as a hold lasts
    }
    if env.bool("RATE_LIMITS", default=True)
    else {}
)
EXPORT_ROWS_AT_ONCE = env.int("EXPORT_ROWS_AT_ONCE", default=5000)  # larger exports of orders are made by the worker
EXPORT_FILE_HOURS = env.int("EXPORT_FILE_HOURS", default=48)  # so long they can be fetched
# Refunds, exports and the like ask for the password again, so many seconds after it was last given.
PROOF_SECONDS = env.int("PROOF_SECONDS", default=15 * 60)
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^webhooks/"]
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
# Safe because TrustedProxyMiddleware drops the header unless the peer is in TRUSTED_PROXIES.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_NAME = "__Host-session" if HTTPS else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if HTTPS else "csrf"
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
X_FRAME_OPTIONS = "DENY"  # Wagtail lifts it for the previews that it frames
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "object-src": ["'none'"],
        "frame-src": ["'self'", "https://www.youtube-nocookie.com", "https://player.vimeo.com"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
        # The browser follows the redirect of a form to the payment page under this rule, too.
        "form-action": ["'self'", "https://checkout.stripe.com", *filter(None, [GATEWAY_PUBLIC_BASE])],
    }
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "core.logs.Formatter",
            "format": "%(asctime)s %(levelname)s [%(request_id)s] %(name)s: %(message)s",
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="INFO")},
    # Three lines for every saved object tell an operator nothing.
    "loggers": {"django_tasks": {"level": "WARNING"}, "wagtail": {"level": "WARNING"}},
}

if DEBUG:
    INSTALLED_APPS += ["debug_toolbar"]
    MIDDLEWARE.insert(4, "debug_toolbar.middleware.DebugToolbarMiddleware")
    INTERNAL_IPS = ["127.0.0.1"]
