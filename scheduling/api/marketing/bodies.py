"""What the marketing doors answer with; `words` makes most of it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import WithJsonSchema
from typing_extensions import TypedDict

from common.bodies import Identifier, Instant, one_of
from scheduling.domain import states
from scheduling.domain.platforms.catalogue import PLATFORMS
from scheduling.domain.platforms.rules import ERROR, WARNING
from scheduling.domain.probing import IMAGE, VIDEO
from scheduling.models import ChannelAccount

STATUS = {
    states.PLANNED: "Planned",
    states.DRAFT: "Draft",
    states.SCHEDULED: "Scheduled",
    states.PUBLISHING: "Scheduled",
    states.UNCERTAIN: "Scheduled",
    states.PUBLISHED: "Posted",
    states.FAILED: "Failed",
    states.CANCELED: "Canceled",
}
STATUSES = list(dict.fromkeys(STATUS.values()))
STAGES = ["Idea", "Draft", "Needs Approval", "Scheduled", "Posted"]
CHANNEL_STATUSES = list(ChannelAccount.Status.values)
MEDIA_KINDS = [IMAGE, VIDEO]
CALLS = ["CallNow", "BookOnline", "LearnMore", "None"]
FORMATS = list(dict.fromkeys(name for one in PLATFORMS for name in one.formats))

# The dialect's channel keys, in the order of their names; others are our own platform ids.
KEYS = {
    "google_business": "google_business_profile",
    "facebook": "facebook_page",
    "instagram": "instagram_business",
}
CHANNEL_KEYS = [KEYS.get(platform.id, platform.id) for platform in PLATFORMS]
OwnAddress = Annotated[
    str, WithJsonSchema({"type": "string", "format": "uri-reference"})
]


class Deleted(TypedDict):
    """That something was deleted."""

    deleted: Literal[True]
    """Always true: what cannot be deleted is refused."""


class ChannelBody(TypedDict):
    """A platform that channel accounts can be on."""

    id: Annotated[str, one_of(CHANNEL_KEYS)]
    """What an account's `channel_id` says."""
    key: Annotated[str, one_of(CHANNEL_KEYS)]
    """The same."""
    display_name: str
    """Its name as people write it."""
    supports_autopost: bool
    """Whether posts can go out without a person."""
    created_at: None
    """Always null: channels are part of the product."""
    updated_at: None
    """Always null, as `created_at`."""


class ChannelAccountBody(TypedDict):
    """An account on a platform, and how often it posts."""

    id: Identifier
    """The account's id."""
    tenant_id: str
    """The workspace's short name."""
    channel_id: Annotated[str, one_of(CHANNEL_KEYS)]
    """The platform: the `id` of a channel."""
    name: str
    """What people call it; unique for the platform in the workspace."""
    external_id: str | None
    """Its id on the platform."""
    profile_url: str | None
    """Where it is on the platform."""
    login_email: str | None
    """The e-mail address that people sign in there with."""
    credential_vault_ref: None
    """Always null: secrets stay with the connection."""
    oauth_connected: Literal[False]
    """Always false; see the account's connection."""
    oauth_provider: None
    """Always null."""
    oauth_token_ref: None
    """Always null."""
    status: Annotated[str, one_of(CHANNEL_STATUSES)]
    """Paused accounts hold their posts; posts of unconnected ones fail at their time."""
    notes: str | None
    """For the workspace's own people."""
    posts_per_week: int
    """How many slots a week are planned, 0 to 70."""
    schedule_timezone: str
    """The time zone of `schedule_times`, for instance `Europe/Berlin`."""
    schedule_times: list[str]
    """Local times that posts take in turn, as `HH:MM`."""
    created_at: Instant
    """When it was added."""
    updated_at: Instant
    """When it was changed last."""


class ConnectionBody(TypedDict):
    """How a channel account is connected: everything but the secret."""

    publisher: str | None
    """What sends its posts; null where it is not connected."""
    endpoint: str | None
    """The server or address that the publisher sends to."""
    login_name: str | None
    """The name that the publisher signs in with."""
    has_secret: bool
    """Whether a secret is kept for it."""
    status: Annotated[str, one_of(CHANNEL_STATUSES)]
    """The account's status."""
    missing: list[str]
    """What the publisher still needs, for people to read."""
    sign_in_error: str | None
    """Why the platform no longer accepts the sign-in; null while it does."""
    server_limits: dict[str, int]
    """What the account's own server takes, by rule; empty where it has not said."""
    server_limits_at: Instant | None
    """When the server said so."""
    connected: bool
    """Whether posts can go out."""


class MediaBody(TypedDict):
    """An image or a video."""

    id: Identifier
    """The file's id."""
    filename: str
    """What it was called when it was added."""
    url: OwnAddress
    """Where members who are signed in find it; without a host where the installation
    does not know its own.
    """
    kind: Annotated[str, one_of(MEDIA_KINDS)]
    """Which of the two it is."""
    mime_type: str
    """What its bytes are, for instance `video/mp4`."""
    size_bytes: int
    """How large it is."""
    width: int | None
    """In pixels; null where it is not known."""
    height: int | None
    """In pixels; null where it is not known."""
    duration_seconds: float | None
    """How long a video lasts; null for images and where it is not known."""
    sha256: str
    """The SHA-256 digest of its bytes, in hexadecimal digits."""
    alt_text: str | None
    """What it shows, for people who cannot see it."""
    created_at: Instant
    """When it was added."""


class MediaWithLink(MediaBody):
    """An image or a video, and an address for everybody."""

    link: OwnAddress
    """Fetches it without signing in, for a day; without a host as `url`."""


class ContentDetails(TypedDict):
    """What clients keep with content; the product does not use it."""

    cta_type: Annotated[str, one_of(CALLS)] | None
    """The call to action."""
    target_city: str | None
    """Where its readers are."""
    template_id: str | None
    """The client's template that it was made from."""
    reviewer: str | None
    """Who is to review it."""
    draft_due_date: str | None
    """The day, or day and time, its draft is due."""
    source_type: str | None
    """What kind of source it was made from."""
    source_ref: str | None
    """Which source it was made from."""
    content_category: str | None
    """Its category, which hints are asked for by."""
    offer_id: str | None
    """The offer that it advertises."""


class ContentBody(ContentDetails):
    """A content item: what any number of posts say."""

    id: Identifier
    """The item's id."""
    tenant_id: str
    """The workspace's short name."""
    title: str
    """Its title."""
    owner: str
    """Who is responsible for it."""
    base_caption: str | None
    """The text that posts have unless they have their own."""
    media_assets: list[MediaBody]
    """Its images and videos, in the order in which they go out."""
    media_urls: list[str]
    """The addresses of `media_assets`, then those that clients keep with it."""
    cta_url: str | None
    """The link that goes out with the text."""
    tags: list[str]
    """Hashtags, without `#`."""
    status: Annotated[str, one_of(STAGES)]
    """How far its text is."""
    notes: str | None
    """For the workspace's own people."""
    created_at: Instant
    """When it was added."""
    updated_at: Instant
    """When it was changed last."""


class PostBody(TypedDict):
    """A post, or an empty slot: one content item for one channel account."""

    id: Identifier
    """The post's id."""
    tenant_id: str
    """The workspace's short name."""
    content_item_id: Identifier
    """What it says; of an empty slot the placeholder `[PLANNED SLOT]`."""
    channel_account_id: Identifier
    """Where it goes."""
    caption_override: str | None
    """Its own text; null for that of the content item."""
    format: Annotated[str, one_of(FORMATS)]
    """How the platform carries it."""
    scheduled_for: Instant | None
    """When it is to go out; null for a post without a time."""
    status: Annotated[str, one_of(STATUSES)]
    """`Planned` is an empty slot; `Scheduled` also counts while it is being sent."""
    posted_at: Instant | None
    """When it went out."""
    post_url: str | None
    """Where it is on the platform."""
    posted_manually: bool
    """Whether a person posted it."""
    screenshot_url: None
    """Always null."""
    autopost_enabled: bool
    """Whether its account has something that sends it."""
    publish_job_id: None
    """Always null; see the post's attempts."""
    last_error: str | None
    """Why the last try failed."""
    created_at: Instant
    """When it was added."""
    updated_at: Instant
    """When it was changed last."""


class PostFinding(TypedDict):
    """Something about a post that does not fit its platform."""

    level: Annotated[str, one_of((ERROR, WARNING))]
    """An `error` keeps the post from going out, a `warning` does not."""
    rule: str
    """The rule, for instance `caption_length`."""
    message: str
    """What does not fit, for people to read."""


class PostWithFindings(PostBody):
    """A post, and what its platform says of it."""

    findings: list[PostFinding]
    """What does not fit; always empty once the post can no longer be changed."""


class PostAttempt(TypedDict):
    """One try to publish a post."""

    number: int
    """Counts the tries of the post, from 1."""
    state: Annotated[str, one_of(states.ATTEMPT.states)]
    """How far it is; `uncertain` means that it may have gone out."""
    worker: str
    """The process that tried."""
    dedupe_key: str
    """The same for every try of one publication, so that it happens once."""
    claimed_at: Instant
    """When it began."""
    sent_at: Instant | None
    """When the platform was asked to publish; null before that."""
    ended_at: Instant | None
    """When it ended; null while it lasts."""
    duration_seconds: float | None
    """From its begin to its end; null while it lasts."""
    error: str | None
    """Why it failed."""
    external_id: str | None
    """The post's id on the platform."""
    url: str | None
    """Where the post is on the platform."""
    questions: int
    """How often the platform was asked what became of it."""
    next_question_at: Instant | None
    """When the platform is asked next."""
