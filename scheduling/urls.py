from __future__ import annotations

from django.urls import path

from scheduling.api.marketing.routes import urlpatterns as marketing
from scheduling.api.queue.routes import urlpatterns as queue
from scheduling.blackouts import views as blackouts
from scheduling.calendar import feed_views, move_views, slot_views, undo_views
from scheduling.calendar import views as calendar
from scheduling.channels import connection_views
from scheduling.channels import views as channels
from scheduling.content import media_views
from scheduling.content import views as content
from scheduling.imports import views as imports
from scheduling.posts import compose_views, outcome_views
from scheduling.posts import views as posts
from scheduling.publishing import views as outbox
from scheduling.watch_folder import views as queue_pages
from scheduling.writing import views as writing

urlpatterns = [
    *marketing,
    *queue,
    path("calendar", calendar.calendar, name="calendar"),
    path("calendar/top-off", calendar.top_off, name="top-off"),
    path("calendar/posts/<uuid:post_id>", move_views.drop, name="calendar-drop"),
    path("calendar/bulk", move_views.bulk, name="calendar-bulk"),
    path("calendar/undo", undo_views.undo, name="calendar-undo"),
    path("calendar/new", slot_views.new, name="calendar-new"),
    path("calendar/slots/<uuid:post_id>", slot_views.fill, name="calendar-fill"),
    path(
        "calendar/slots/<uuid:post_id>/upload",
        slot_views.upload,
        name="calendar-upload",
    ),
    path("calendar/more", calendar.more, name="calendar-more"),
    path("calendar/subscribe", feed_views.subscription, name="calendar-subscribe"),
    path("calendar/feed/<str:token>.ics", feed_views.feed, name="calendar-feed"),
    path("schedule", posts.listing, name="schedule"),
    path("posts/import", imports.listing, name="post-imports"),
    path("posts/import/<uuid:run_id>", imports.detail, name="post-import"),
    path("posts/import/<uuid:run_id>/start", imports.start, name="post-import-start"),
    path(
        "posts/import/<uuid:run_id>/cancel", imports.cancel, name="post-import-cancel"
    ),
    path("posts/export.csv", imports.export, name="post-export"),
    path("posts/new", compose_views.new, name="post-new"),
    path("posts/new/preview", compose_views.preview, name="post-preview"),
    path("posts/<uuid:post_id>", posts.detail, name="post"),
    path("channels/<uuid:channel_id>/free", channels.free, name="channel-free"),
    path("posts/<uuid:post_id>/fill", posts.fill, name="post-fill"),
    path("posts/<uuid:post_id>/move", posts.move, name="post-move"),
    path(
        "posts/<uuid:post_id>/settle/<slug:decision>",
        outcome_views.settle,
        name="post-settle",
    ),
    path("attention", outcome_views.attention, name="attention"),
    path("posts/<uuid:post_id>/write", writing.post_texts, name="post-write"),
    path("posts/<uuid:post_id>/write/use", writing.use_text, name="post-write-use"),
    path("posts/<uuid:post_id>/<slug:action>", posts.act, name="post-act"),
    path("channels", channels.listing, name="channels"),
    path("channels/cadence", channels.cadence, name="channel-cadence"),
    path("channels/new", channels.new, name="channel-new"),
    path("channels/<uuid:channel_id>", channels.edit, name="channel"),
    path(
        "channels/<uuid:channel_id>/connection",
        connection_views.edit,
        name="channel-connection",
    ),
    path(
        "channels/<uuid:channel_id>/connection/test",
        connection_views.attempt,
        name="channel-connection-test",
    ),
    path(
        "channels/<uuid:channel_id>/connection/delete",
        connection_views.disconnect,
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
    path("content/<uuid:item_id>/media", media_views.add, name="content-media"),
    path(
        "content/<uuid:item_id>/media/<uuid:media_id>/alt",
        media_views.describe,
        name="content-media-alt",
    ),
    path(
        "content/<uuid:item_id>/media/<uuid:media_id>/delete",
        media_views.take_away,
        name="content-media-delete",
    ),
    path("media/<uuid:media_id>", media_views.content, name="media"),
    path(
        "media/<uuid:media_id>/thumbnail", media_views.thumbnail, name="media-thumbnail"
    ),
    path("media/for/<str:token>", media_views.linked, name="media-linked"),
    path("queue/settings", queue_pages.edit, name="queue-settings"),
    path("queue/history", queue_pages.history, name="queue-history"),
    path("queue/history/clear", queue_pages.clear, name="queue-clear"),
    path("outbox", outbox.feed, name="outbox"),
]
