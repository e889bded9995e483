from __future__ import annotations

from django.urls import path

from scheduling.api.queue import posts, settings, watcher

urlpatterns = [
    path("api/schedule/upcoming", posts.Upcoming.as_view()),
    path("api/schedule/completed", posts.Completed.as_view()),
    path("api/schedule/post", posts.Posts.as_view()),
    path("api/schedule/post/<int:post_id>", posts.OnePost.as_view()),
    path("api/schedule/post/<int:post_id>/force", posts.Force.as_view()),
    path("api/schedule/post/<int:post_id>/approve", posts.Approve.as_view()),
    path("api/schedule/post/<int:post_id>/retry", posts.RetryPost.as_view()),
    path("api/schedule/post/<int:post_id>/metadata", posts.PostMetadata.as_view()),
    path("api/settings", settings.Settings.as_view()),
    path("api/watcher/stream", watcher.Stream.as_view()),
    path("api/watcher/history", watcher.History.as_view()),
    path("api/watcher/status", watcher.Status.as_view()),
    path("api/watcher/clear-history", watcher.ClearHistory.as_view()),
]
