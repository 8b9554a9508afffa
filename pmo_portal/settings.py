"""All settings. Each value that differs between machines is a variable that .env.example explains."""

import os
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import django_stubs_ext
from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from pmo_portal.env import Environment, database_settings, email_settings, redis_addresses

django_stubs_ext.monkeypatch()

env: Final = Environment(os.environ)

BASE_DIR = Path(__file__).resolve().parent.parent
PORTAL_STATE_DIR = Path(env.text("PMO_STATE_DIR", str(BASE_DIR / ".portal")))

# --- who and where -----------------------------------------------------------------------------------------------
DEBUG = env.flag("PMO_DEBUG", default=False)
SECRET_KEY = env.required("SECRET_KEY", "Start through ./portal (it makes one), or set it to 50 random characters.")
PORTAL_URL = env.text("PMO_URL", "http://127.0.0.1:8000").rstrip("/")
_address = env.url("PMO_URL", PORTAL_URL, frozenset({"http", "https"}))
_encrypted = _address.scheme == "https"
_loopback = ["127.0.0.1", "localhost", "[::1]"]
_host = _address.hostname or "127.0.0.1"
ALLOWED_HOSTS = env.names("ALLOWED_HOSTS", _loopback if _host in _loopback else [_host])
CSRF_TRUSTED_ORIGINS = [f"{_address.scheme}://{_address.netloc}"]
ROOT_URLCONF = "pmo_portal.urls"
WSGI_APPLICATION = "pmo_portal.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Our own rooms, top down: each may import those after it, never one before it.
PORTAL_APPS = ["reporting", "intake", "projects", "playbooks", "governance", "strategy", "accounts", "common"]
INSTALLED_APPS = [
    "pmo_portal",
    *PORTAL_APPS,
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "django_htmx",
    "template_partials",
    "crispy_forms",
    "crispy_bootstrap5",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "pgtrigger",
    "pghistory",
    "treebeard",
    "csp",
]

MIDDLEWARE = [
    "common.middleware.RequestIdMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "common.middleware.RefuseNullMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "accounts.middleware.PersonalSettingsMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "common.middleware.HistoryMiddleware",
    "common.refusals.AuditMiddleware",
]

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "common.context_processors.layout",
            ],
        },
    },
]
CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"

# --- database ----------------------------------------------------------------------------------------------------
_database = database_settings(env)
_statement_seconds = env.number("PMO_STATEMENT_TIMEOUT", 30, low=0, high=86_400)
_lock_seconds = env.number("PMO_LOCK_TIMEOUT", 5, low=0, high=3_600)
_session = {
    "statement_timeout": f"{_statement_seconds}s",
    "lock_timeout": f"{_lock_seconds}s",
    "idle_in_transaction_session_timeout": "120s",
    "pg_trgm.word_similarity_threshold": "0.4",  # search forgives two letters that changed places
    # Wide queries look dear to the planner; compiling them takes seconds and running them milliseconds.
    "jit": "off",
    # Most joins fetch what a row refers to and come in a good order; trying others takes longer than the query.
    "join_collapse_limit": "5",
}
_database["OPTIONS"] = {
    "connect_timeout": "5",
    "keepalives_idle": "30",
    "keepalives_interval": "10",
    "keepalives_count": "3",
    # One address that works behind a connection pool which refuses start-up options: PMO_SESSION_OPTIONS=0.
    **(
        {"options": " ".join(f"-c {name}={value}" for name, value in _session.items())}
        if env.flag("PMO_SESSION_OPTIONS", default=True)
        else {}
    ),
    **_database["OPTIONS"],  # type: ignore[dict-item]  # the options of the driver
}
_test_template = env.raw("PMO_TEST_TEMPLATE")
DATABASES: dict[str, dict[str, Any]] = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        **_database,
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "TEST": {"TEMPLATE": _test_template} if _test_template else {},
    },
}

# --- cache and sessions ------------------------------------------------------------------------------------------
_cache_url, _broker_url = redis_addresses(env)
CACHES: dict[str, dict[str, Any]] = {
    "default": {
        "BACKEND": "common.cache.ResilientRedisCache",
        "LOCATION": _cache_url,
        "KEY_PREFIX": "pmo",
        "TIMEOUT": 300,
        "OPTIONS": {
            "serializer": "common.cache.JsonSerializer",
            "socket_timeout": 2,
            "socket_connect_timeout": 1,
            "max_connections": 50,
        },
    },
}
SESSION_ENGINE = "django.contrib.sessions.backends.db"  # survives a wiped Redis
SESSION_COOKIE_AGE = int(timedelta(days=14).total_seconds())
SESSION_COOKIE_NAME = "__Host-session" if _encrypted else "pmo_session"
MESSAGE_STORAGE = "django.contrib.messages.storage.fallback.FallbackStorage"  # in a signed cookie: no write for a word

# --- background work ---------------------------------------------------------------------------------------------
CELERY_BROKER_URL = _broker_url
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_SERIALIZER = "json"
CELERY_RESULT_SERIALIZER = "json"
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_SOFT_TIME_LIMIT = 240
CELERY_TASK_TIME_LIMIT = 300
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 5
CELERY_WORKER_MAX_TASKS_PER_CHILD = 500
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_REDIRECT_STDOUTS = False
CELERY_BROKER_CONNECTION_TIMEOUT = 2
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_POOL_LIMIT = 10
CELERY_TASK_PUBLISH_RETRY = True
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 1, "interval_start": 0, "interval_step": 0.1, "interval_max": 0.2}
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 3600,
    "unacked_restore_interval": 5,
    "unacked_restore_throttle": 1,
    "socket_connect_timeout": 1,
    "socket_timeout": 3,
    "socket_keepalive": True,
    # Without these a web request that wakes a worker would wait for a dead broker for ever.
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0.1,
    "interval_max": 0.2,
}
CELERY_ENABLE_UTC = True
# Beat only calls the sweep; the database says what is due. PMO_SWEEP=off is for showing what is lost without it.
CELERY_BEAT_SCHEDULE: dict[str, dict[str, Any]] = (
    {"sweep": {"task": "common.tasks.sweep", "schedule": 15.0, "options": {"expires": 30}}}
    if env.flag("PMO_SWEEP", default=True)
    else {}
)

# --- sign-in -----------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
    "django.contrib.auth.hashers.ScryptPasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "optional"
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_SESSION_REMEMBER = None
ACCOUNT_ADAPTER = "accounts.adapters.PortalAccountAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "PMO portal"

# --- security ----------------------------------------------------------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
    },
}
PERMISSIONS_POLICY: dict[str, list[str]] = {
    feature: []
    for feature in ("accelerometer", "camera", "display-capture", "geolocation", "gyroscope", "magnetometer",
                    "microphone", "midi", "payment", "usb")
}  # fmt: skip
SESSION_COOKIE_SECURE = _encrypted
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "common.views_errors.csrf_failure"
CSRF_COOKIE_SECURE = _encrypted
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_SECURE = _encrypted
LANGUAGE_COOKIE_SAMESITE = "Lax"
SECURE_SSL_REDIRECT = _encrypted
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
SECURE_HSTS_SECONDS = int(timedelta(days=365).total_seconds()) if _encrypted else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = env.flag("PMO_HSTS_SUBDOMAINS", default=False)
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
PORTAL_BEHIND_PROXY = env.flag("PMO_BEHIND_PROXY", default=False)
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if PORTAL_BEHIND_PROXY else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if PORTAL_BEHIND_PROXY else None
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5_000
FILE_UPLOAD_PERMISSIONS = 0o640

# --- words, time -------------------------------------------------------------------------------------------------
LANGUAGE_CODE = "en-gb"
LANGUAGES = [("en-gb", _("English")), ("nl", _("Dutch"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = env.text("PMO_TIME_ZONE", "Europe/Amsterdam")
CELERY_TIMEZONE = TIME_ZONE

# --- files -------------------------------------------------------------------------------------------------------
# Off in tests and while developing: files are then served from where they lie, without collectstatic.
_collected = env.flag("PMO_STATIC_COLLECTED", default=not DEBUG)
STATIC_URL = "/static/"
STATIC_ROOT = Path(env.text("PMO_STATIC_DIR", str(PORTAL_STATE_DIR / "static")))
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_USE_FINDERS = not _collected
WHITENOISE_AUTOREFRESH = DEBUG
MEDIA_ROOT = Path(env.text("PMO_MEDIA_DIR", str(PORTAL_STATE_DIR / "media")))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if _collected
        else "django.contrib.staticfiles.storage.StaticFilesStorage",
    },
}

# --- mail --------------------------------------------------------------------------------------------------------
_mail = email_settings(env)
EMAIL_BACKEND = str(_mail.get("EMAIL_BACKEND", "django.core.mail.backends.filebased.EmailBackend"))
EMAIL_FILE_PATH = PORTAL_STATE_DIR / "mail"
EMAIL_HOST = str(_mail.get("EMAIL_HOST", ""))
EMAIL_PORT = _mail.get("EMAIL_PORT", 25)
EMAIL_HOST_USER = str(_mail.get("EMAIL_HOST_USER", ""))
EMAIL_HOST_PASSWORD = str(_mail.get("EMAIL_HOST_PASSWORD", ""))
EMAIL_USE_TLS = bool(_mail.get("EMAIL_USE_TLS"))
EMAIL_USE_SSL = bool(_mail.get("EMAIL_USE_SSL"))
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.text("PMO_FROM_EMAIL", f"PMO portal <pmo-portal@{_host}>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL

# --- health ------------------------------------------------------------------------------------------------------
PORTAL_METRICS_TOKEN = env.text("PMO_METRICS_TOKEN")
# Dotted paths of callables that return a pmo_portal.health.Part.
PORTAL_READINESS_CHECKS = [
    "pmo_portal.health.database",
    "pmo_portal.health.redis",
    "pmo_portal.health.migrations",
    "pmo_portal.health.last_sweep",
    "pmo_portal.health.oldest_due_report",
    "pmo_portal.health.oldest_unsent_mail",
]

# --- logs --------------------------------------------------------------------------------------------------------
LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"request": {"()": "common.middleware.RequestIdFilter"}},
    "formatters": {
        "line": {"format": "{asctime} {levelname} {name} [{request_id}] {message}", "style": "{"},
    },
    "handlers": {
        "stdout": {
            "class": "logging.StreamHandler",
            "stream": "ext://sys.stdout",
            "formatter": "line",
            "filters": ["request"],
        },
    },
    "root": {
        "handlers": ["stdout"],
        "level": env.choice("PMO_LOG_LEVEL", "INFO", frozenset({"DEBUG", "INFO", "WARNING", "ERROR"})),
    },
    "loggers": {
        # The portal writes one line for each request itself; Django's own would be a second one.
        "django.server": {"level": "WARNING"},
        "django.request": {"level": "ERROR"},
        "celery.beat": {"level": "WARNING"},
        "celery.app.trace": {"level": "WARNING"},
        "celery.worker.strategy": {"level": "WARNING"},  # a line for every sweep otherwise
        "fontTools": {"level": "WARNING"},
    },
}

PORTAL_KNOWN_VARIABLES = frozenset(env.asked)
PORTAL_UNKNOWN_VARIABLES = env.unknown()
