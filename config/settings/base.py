"""What every way of running shares. Domain constants live with their domain, customer
settings are rows.
"""

from __future__ import annotations

import logging
import os
from datetime import timedelta
from pathlib import Path

from corsheaders.defaults import default_headers
from csp.constants import NONE, SELF
from environs import validate
from kombu import Queue

from config.environment import env
from config.logs import logging_settings

# Matrices here are small: more threads for one of them only make processes wait for each other.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

BASE_DIR = Path(__file__).resolve().parents[2]
VERSION = "0.1.0"

DEBUG = False
ALLOWED_HOSTS: list[str] = []
ROOT_URLCONF = "config.urls"
ASGI_APPLICATION = "config.asgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "django_celery_beat",
    "config",
    "common",
    "workspaces",
    "templates_ai",
    "fillplanner",
    "scheduling",
    "calendars",
    "unfold",
    # Its pages are found by `config.urls`: workers, which show none, do without.
    "django.contrib.admin.apps.SimpleAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "axes",
    "channels",
    "corsheaders",
    "csp",
    "django_htmx",
    "django_structlog",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "knox",
    "lucide",
    "rest_framework",
]

MIDDLEWARE = [
    "common.middleware.VisitorAddress",
    "common.middleware.RequestLog",
    "common.middleware.RequestMarks",
    "common.middleware.CleanText",
    "django.middleware.security.SecurityMiddleware",
    "common.middleware.ContentSecurityPolicy",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "workspaces.middleware.CurrentWorkspace",
    "workspaces.sent_forms.SentForms",
    "common.middleware.ProblemPages",
    "axes.middleware.AxesMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "workspaces.context.workspaces",
                "config.menu.menu",
            ],
        },
    }
]

# --- time and language
# -----------------------------------------------------------------------------------
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en-us"
USE_I18N = False

# --- the posting calendar
# -------------------------------------------------------------------------------- Sets
# of posts that its page can be narrowed to, by the parameter of the address: see
# scheduling.filters.PostSet.
POST_SETS = {"calendar": "calendars.campaigns.post_set.ContentCalendars"}

# --- static files and uploads
# ----------------------------------------------------------------------------
STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024 * 1024
# A table of 500 lots is 3,500 cells, a line's calendar up to 5,000, and each cell is a field.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000
FILE_UPLOAD_PERMISSIONS = 0o600
# The largest video that is taken, in bytes.
MEDIA_MOST_BYTES = env.int("MEDIA_MOST_BYTES", 512 * 1024 * 1024)

# --- who is who
# ------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "workspaces.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "workspaces.backends.EmailOrUsername",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 8},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "login"
PASSWORD_RESET_TIMEOUT = 60 * 60 * 24
AUDIT_KEY = env.str("AUDIT_KEY", "")
# What encrypts secrets in the database; the first encrypts, all decrypt. SECRET_KEY
# does where there is none.
FIELD_KEYS: list[str] = env.list("FIELD_KEYS", [])

KNOX_TOKEN_MODEL = "workspaces.ApiToken"
REST_KNOX = {
    "TOKEN_MODEL": KNOX_TOKEN_MODEL,
    "TOKEN_PREFIX": "slt_",
    "TOKEN_TTL": None,
    "AUTH_HEADER_PREFIX": "Bearer",
}
SIMPLE_JWT = {
    "ACCESS_TOKEN_LIFETIME": timedelta(hours=24),
    "USER_ID_CLAIM": "user_id",
    # A changed password ends every token given out before.
    "CHECK_REVOKE_TOKEN": True,
    "UPDATE_LAST_LOGIN": True,
}

# Ten failures a minute for one account from one address; a success clears them.
AXES_FAILURE_LIMIT = env.int("LOGIN_FAILURE_LIMIT", 10)
AXES_COOLOFF_TIME = timedelta(minutes=1)
AXES_USE_ATTEMPT_EXPIRATION = True
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_CALLABLE = "workspaces.lockout.too_many_failures"
AXES_USERNAME_CALLABLE = "workspaces.lockout.login_name"
AXES_VERBOSE = False
AXES_DISABLE_ACCESS_LOG = True
# Failures are counted by REMOTE_ADDR, which is the visitor's: see common.middleware.VisitorAddress.
AXES_IPWARE_META_PRECEDENCE_ORDER = ["REMOTE_ADDR"]
PROXY_COUNT = env.int("PROXY_COUNT", 0)

# --- what browsers may do
# --------------------------------------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "connect-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "config.views.stale_form"

# --- pages of other origins
# ------------------------------------------------------------------------------ Dashboards
# elsewhere may call the programming interface with a token where they are named here;
# cookies are for the product's own pages.
CORS_ALLOWED_ORIGINS: list[str] = env.list("CORS_ALLOWED_ORIGINS", [])
CORS_URLS_REGEX = r"^/(?:(?:api|auth)/|(?:health|openapi\.json|graphql)$)"
CORS_ALLOW_HEADERS = (*default_headers, "idempotency-key", "if-match", "x-workspace")
CORS_EXPOSE_HEADERS = (
    "content-disposition",
    "etag",
    "retry-after",
    "x-ratelimit-limit",
    "x-ratelimit-remaining",
    "x-ratelimit-reset",
    "x-request-id",
)

# --- programming interface
# -------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "workspaces.authentication.Bearer",
        "workspaces.authentication.Session",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["workspaces.authentication.SignedIn"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "common.negotiation.JsonForAll",
    "DEFAULT_PARSER_CLASSES": ["common.parsers.Json"],
    "DEFAULT_SCHEMA_CLASS": "config.openapi.schema.Schema",
    "EXCEPTION_HANDLER": "common.dialects.handle",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
    "COERCE_DECIMAL_TO_STRING": False,
    # `?format=` belongs to the export call.
    "URL_FORMAT_OVERRIDE": None,
}
API_INTRODUCTION = """
Posts for marketing channels, and plans for vial lots on filling lines.

- **Sign in** at `POST /api/v1/auth/login`, or make an API token on the account page,
  and send it as `Authorization: Bearer <token>`.
- **Refusals** say why in `detail`; under `/api/v1/scheduling/` in `error_message`. A 422
  names each field or parameter.
- **Once only**: calls that take an `Idempotency-Key` answer a repeat with the first
  answer.
- **Two at once**: an `ETag` comes with what can be changed; sent as `If-Match`, a change
  of something else than you have read is refused with 412.
"""
SPECTACULAR_SETTINGS = {
    "TITLE": "Slotline",
    "DESCRIPTION": API_INTRODUCTION,
    "VERSION": VERSION,
    "OAS_VERSION": "3.1.0",
    "SERVERS": [{"url": "/", "description": "Where this document comes from"}],
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "COMPONENT_SPLIT_REQUEST": True,
    "SORT_OPERATIONS": True,
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "config.openapi.finishing.add_versions",
        "config.openapi.finishing.add_tags",
        "config.openapi.finishing.add_summaries",
        "config.openapi.finishing.require_bodies",
        "config.openapi.finishing.add_examples",
    ],
    "ENUM_NAME_OVERRIDES": {
        "ActivityKind": "fillplanner.planning.plan.KINDS",
        "Health": "calendars.bodies.service.UP_OR_DOWN",
        "ScheduleItemState": "calendars.states.ITEM.states",
        "ScheduleState": "calendars.states.CALENDAR.states",
        "PlanStatus": "fillplanner.states.PLAN.states",
        "DeliveryStatus": "fillplanner.states.DELIVERY.states",
        "NoticeEvent": "fillplanner.notices.outbox.EVENTS",
        "AttemptState": "scheduling.domain.states.ATTEMPT.states",
        "BlackoutKind": "scheduling.api.marketing.blackouts.KINDS",
        "ChannelKey": "scheduling.api.marketing.bodies.CHANNEL_KEYS",
        "ChannelStatus": "scheduling.api.marketing.bodies.CHANNEL_STATUSES",
        "ContentStatus": "scheduling.api.marketing.bodies.STAGES",
        "MediaKind": "scheduling.api.marketing.bodies.MEDIA_KINDS",
        "SignInRole": "workspaces.api.auth.ROLES",
        "MemberRole": "workspaces.roles.Role.values",
        "NewPostStatus": "scheduling.api.marketing.posts.INITIAL",
        "PlatformName": "scheduling.api.queue.words.NAMES",
        "PostFormat": "scheduling.api.marketing.bodies.FORMATS",
        "PostStatus": "scheduling.api.marketing.bodies.STATUSES",
        "RunStatus": "scheduling.domain.states.WRITING.states",
        "WantedPostStatus": "scheduling.api.marketing.posts.WRITABLE",
        "WrittenSlotStatus": "scheduling.domain.states.WRITING_SLOT.states",
    },
}

# --- background work
# -------------------------------------------------------------------------------------
# Each kind of work has a queue and worker processes of its own: a post that is due
# never waits for a plan. A worker that is started without naming queues takes tasks
# from all of them.
CELERY_TASK_QUEUES = [Queue(name) for name in ("publishing", "plans", "default")]
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_ROUTES = {
    "scheduling.find_due": {"queue": "publishing"},
    "scheduling.publish_*": {"queue": "publishing"},
    "scheduling.resolve_post": {"queue": "publishing"},
    "fillplanner.run_plan": {"queue": "plans"},
    "calendars.optimise_times": {"queue": "plans"},
}
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULER = "config.beat:RecordingScheduler"
CELERY_BEAT_MAX_LOOP_INTERVAL = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 5
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_TIME_LIMIT = 900
CELERY_TASK_SOFT_TIME_LIMIT = 870
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
DJANGO_STRUCTLOG_CELERY_ENABLED = True
# Beat rings once a second: only what a task says itself is news.
DJANGO_STRUCTLOG_CELERY_DEFAULT_LOG_LEVEL = logging.DEBUG
DJANGO_STRUCTLOG_STATUS_START_LOG_LEVEL = logging.DEBUG

# --- mail
# ------------------------------------------------------------------------------------------------
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", "slotline@localhost")

# --- product switches
# ------------------------------------------------------------------------------------
REGISTRATION_OPEN = env.bool("REGISTRATION_OPEN", True)
DEFAULT_PUBLISHER = ""
OUTBOX_SECONDS = env.float("OUTBOX_SECONDS", 0.0)
# Who requests without credentials from this machine act as on the queue's routes; the
# embedded run sets it.
LOOPBACK_USER = ""
LOOPBACK_WORKSPACE = ""
# A fixed token that means the same person to the scheduling API, from this machine
# itself; the embedded run sets it.
LOOPBACK_TOKEN = ""
# Requests a second and at once for each token of the scheduling API; optimisations a minute.
SCHEDULING_PER_SECOND = env.int("SCHEDULING_PER_SECOND", 10)
SCHEDULING_BURST = env.int("SCHEDULING_BURST", 200)
SCHEDULING_OPTIMIZE_PER_MINUTE = env.int("SCHEDULING_OPTIMIZE_PER_MINUTE", 30)
# Up to so many posts get better times while the caller waits, for at most so long; a
# worker may take longer.
OPTIMIZE_AT_ONCE = env.int("OPTIMIZE_AT_ONCE", 50)
OPTIMIZE_REQUEST_SECONDS = env.float("OPTIMIZE_REQUEST_SECONDS", 4.0)
OPTIMIZE_SECONDS = env.float("OPTIMIZE_SECONDS", 10.0)
OPTIMIZE_LEASE_SECONDS = env.int("OPTIMIZE_LEASE_SECONDS", 30)
BULK_AT_ONCE = env.int("BULK_AT_ONCE", 50)
BULK_LEASE_SECONDS = env.int("BULK_LEASE_SECONDS", 30)
# For how long a socket that was away can still be told what it missed.
SCHEDULING_EVENTS_DAYS = env.int("SCHEDULING_EVENTS_DAYS", 7)
# Each workspace's watch folder is one below this; blank turns watching off. A file
# counts as whole when it has not changed for so many seconds.
WATCH_ROOT = env.str("WATCH_ROOT", "")
WATCH_SETTLE_SECONDS = env.float("WATCH_SETTLE_SECONDS", 3.0)
# What new workspaces' queues begin with; each workspace changes its own.
AUTO_SCHEDULE = env.bool("AUTO_SCHEDULE", True)
SCHEDULE_SPACING_HOURS = env.int("SCHEDULE_SPACING_HOURS", 1)
DEFAULT_POST_TIME_OFFSET = env.int("DEFAULT_POST_TIME_OFFSET", 1)
PUBLISH_LEASE_SECONDS = env.int("PUBLISH_LEASE_SECONDS", 60)
KPI_DAYS = env.int("KPI_DAYS", 180)
TRIAL_DAYS = env.int("TRIAL_DAYS", 365)
# The longest that a plan may be computed, and the most unfinished plans of one person.
PLAN_MOST_SECONDS = env.int(
    "PLAN_MOST_SECONDS",
    600,
    validate=validate.Range(1, CELERY_TASK_SOFT_TIME_LIMIT - 30),
)
PLANS_OPEN_PER_PERSON = env.int("PLANS_OPEN_PER_PERSON", 20, validate=validate.Range(1))
PLAN_LEASE_SECONDS = env.int("PLAN_LEASE_SECONDS", 60)
# To this the time is added that the workspace's engine may take for a text.
WRITING_LEASE_SECONDS = env.int("WRITING_LEASE_SECONDS", 30)
IMPORT_LEASE_SECONDS = env.int("IMPORT_LEASE_SECONDS", 30)
# Where links in mails lead: scheme and host, no slash at the end.
PUBLIC_URL = env.str("PUBLIC_URL", "").rstrip("/")
# Whether webhooks and the like may go to addresses inside the installation's own network.
OUTGOING_ALLOW_PRIVATE = env.bool("OUTGOING_ALLOW_PRIVATE", False)
# A TrueType file whose letters PDF reports are written with; blank takes one of the
# system's, else reportlab's. Pictures take from it what those lack.
PDF_FONT = env.str("PDF_FONT", "")

UNFOLD = {
    "SITE_TITLE": "Slotline admin",
    "SITE_HEADER": "Slotline",
    "SITE_URL": "/",
    "SHOW_VIEW_ON_SITE": True,
}


LOGGING_CONFIG = None
logging_settings(
    env.str("LOG_FORMAT", "console"), env.log_level("LOG_LEVEL", logging.INFO)
)
