from __future__ import annotations

from django.urls import path

from scheduling.api.marketing.routes import urlpatterns as marketing
from scheduling.api.queue.routes import urlpatterns as queue
from scheduling.views import calendar, channels, connections, content, media, outbox, outcomes, posts, writing
from scheduling.views import queue as queue_pages

urlpatterns = [
    *marketing,
    *queue,
    path("calendar", calendar.month, name="calendar"),
    path("calendar/top-off", calendar.top_off, name="top-off"),
    path("schedule", posts.listing, name="schedule"),
    path("posts/new", posts.new, name="post-new"),
    path("posts/<uuid:post_id>", posts.detail, name="post"),
    path("posts/<uuid:post_id>/fill", posts.fill, name="post-fill"),
    path("posts/<uuid:post_id>/move", posts.move, name="post-move"),
    path("posts/<uuid:post_id>/settle/<slug:decision>", outcomes.settle, name="post-settle"),
    path("attention", outcomes.attention, name="attention"),
    path("posts/<uuid:post_id>/write", writing.post_texts, name="post-write"),
    path("posts/<uuid:post_id>/write/use", writing.use_text, name="post-write-use"),
    path("posts/<uuid:post_id>/<slug:action>", posts.act, name="post-act"),
    path("channels", channels.listing, name="channels"),
    path("channels/new", channels.new, name="channel-new"),
    path("channels/<uuid:channel_id>", channels.edit, name="channel"),
    path("channels/<uuid:channel_id>/connection", connections.edit, name="channel-connection"),
    path("channels/<uuid:channel_id>/connection/test", connections.attempt, name="channel-connection-test"),
    path("channels/<uuid:channel_id>/connection/delete", connections.disconnect, name="channel-disconnect"),
    path("channels/<uuid:channel_id>/delete", channels.delete, name="channel-delete"),
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
    path("content/<uuid:item_id>/media/<uuid:media_id>/delete", media.take_away, name="content-media-delete"),
    path("media/<uuid:media_id>", media.content, name="media"),
    path("media/<uuid:media_id>/thumbnail", media.thumbnail, name="media-thumbnail"),
    path("media/for/<str:token>", media.linked, name="media-linked"),
    path("queue/settings", queue_pages.edit, name="queue-settings"),
    path("queue/history", queue_pages.history, name="queue-history"),
    path("queue/history/clear", queue_pages.clear, name="queue-clear"),
    path("outbox", outbox.feed, name="outbox"),
]
