from __future__ import annotations

from django.urls import path

from scheduling.api.marketing.routes import urlpatterns as marketing
from scheduling.api.queue.routes import urlpatterns as queue
from scheduling.views import (
    blackouts,
    calendar,
    channels,
    composing,
    connections,
    content,
    feeds,
    filling,
    imports,
    media,
    moving,
    outbox,
    outcomes,
    posts,
    undoing,
    writing,
)
from scheduling.views import queue as queue_pages

urlpatterns = [
    *marketing,
    *queue,
    path("calendar", calendar.calendar, name="calendar"),
    path("calendar/top-off", calendar.top_off, name="top-off"),
    path("calendar/posts/<uuid:post_id>", moving.drop, name="calendar-drop"),
    path("calendar/bulk", moving.bulk, name="calendar-bulk"),
    path("calendar/undo", undoing.undo, name="calendar-undo"),
    path("calendar/new", filling.new, name="calendar-new"),
    path("calendar/slots/<uuid:post_id>", filling.fill, name="calendar-fill"),
    path(
        "calendar/slots/<uuid:post_id>/upload", filling.upload, name="calendar-upload"
    ),
    path("calendar/more", calendar.more, name="calendar-more"),
    path("calendar/subscribe", feeds.subscription, name="calendar-subscribe"),
    path("calendar/feed/<str:token>.ics", feeds.feed, name="calendar-feed"),
    path("schedule", posts.listing, name="schedule"),
    path("posts/import", imports.listing, name="post-imports"),
    path("posts/import/<uuid:run_id>", imports.detail, name="post-import"),
    path("posts/import/<uuid:run_id>/start", imports.start, name="post-import-start"),
    path(
        "posts/import/<uuid:run_id>/cancel", imports.cancel, name="post-import-cancel"
    ),
    path("posts/export.csv", imports.export, name="post-export"),
    path("posts/new", composing.new, name="post-new"),
    path("posts/new/preview", composing.preview, name="post-preview"),
    path("posts/<uuid:post_id>", posts.detail, name="post"),
    path("posts/<uuid:post_id>/fill", posts.fill, name="post-fill"),
    path("posts/<uuid:post_id>/move", posts.move, name="post-move"),
    path(
        "posts/<uuid:post_id>/settle/<slug:decision>",
        outcomes.settle,
        name="post-settle",
    ),
    path("attention", outcomes.attention, name="attention"),
    path("posts/<uuid:post_id>/write", writing.post_texts, name="post-write"),
    path("posts/<uuid:post_id>/write/use", writing.use_text, name="post-write-use"),
    path("posts/<uuid:post_id>/<slug:action>", posts.act, name="post-act"),
    path("channels", channels.listing, name="channels"),
    path("channels/cadence", channels.cadence, name="channel-cadence"),
    path("channels/new", channels.new, name="channel-new"),
    path("channels/<uuid:channel_id>", channels.edit, name="channel"),
    path(
        "channels/<uuid:channel_id>/connection",
        connections.edit,
        name="channel-connection",
    ),
    path(
        "channels/<uuid:channel_id>/connection/test",
        connections.attempt,
        name="channel-connection-test",
    ),
    path(
        "channels/<uuid:channel_id>/connection/delete",
        connections.disconnect,
        name="channel-disconnect",
    ),
    path("channels/<uuid:channel_id>/delete", channels.delete, name="channel-delete"),
    path("blackouts", blackouts.listing, name="blackouts"),
    path("blackouts/new", blackouts.new, name="blackout-new"),
    path("blackouts/<uuid:blackout_id>", blackouts.detail, name="blackout"),
    path("blackouts/<uuid:blackout_id>/move", blackouts.move_out, name="blackout-move"),
    path(
        "blackouts/<uuid:blackout_id>/delete", blackouts.delete, name="blackout-delete"
    ),
    path("content", content.listing, name="content"),
    path("content/write", writing.content_texts, name="content-write"),
    path("content/write/keep", writing.keep_text, name="content-write-keep"),
    path("writing", writing.runs, name="writing"),
    path("writing/new", writing.new_run, name="writing-new"),
    path("writing/<uuid:run_id>", writing.run, name="writing-run"),
    path("writing/<uuid:run_id>/cancel", writing.cancel, name="writing-cancel"),
    path("writing/<uuid:run_id>/approve", writing.approve, name="writing-approve"),
    path("content/new", content.new, name="content-new"),
    path("content/<uuid:item_id>", content.edit, name="content-item"),
    path("content/<uuid:item_id>/delete", content.delete, name="content-delete"),
    path("content/<uuid:item_id>/media", media.add, name="content-media"),
    path(
        "content/<uuid:item_id>/media/<uuid:media_id>/delete",
        media.take_away,
        name="content-media-delete",
    ),
    path("media/<uuid:media_id>", media.content, name="media"),
    path("media/<uuid:media_id>/thumbnail", media.thumbnail, name="media-thumbnail"),
    path("media/for/<str:token>", media.linked, name="media-linked"),
    path("queue/settings", queue_pages.edit, name="queue-settings"),
    path("queue/history", queue_pages.history, name="queue-history"),
    path("queue/history/clear", queue_pages.clear, name="queue-clear"),
    path("outbox", outbox.feed, name="outbox"),
]
