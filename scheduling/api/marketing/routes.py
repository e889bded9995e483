from __future__ import annotations

from django.urls import path

from scheduling.api.marketing import (
    blackouts,
    calendar,
    channels,
    connections,
    content,
    media,
    posts,
    replan,
    writing,
)

ROOT = "api/v1/marketing/"

urlpatterns = [
    path(f"{ROOT}scheduler/topoff", calendar.TopOffCalendar.as_view()),
    path(f"{ROOT}scheduler/template/<str:category>", content.CategoryHints.as_view()),
    path(f"{ROOT}calendar", calendar.Calendar.as_view()),
    path(f"{ROOT}system-health", calendar.SystemHealth.as_view()),
    path(f"{ROOT}seed-channels", channels.SeedChannels.as_view()),
    path(f"{ROOT}channels", channels.Channels.as_view()),
    path(f"{ROOT}channel-accounts", channels.ChannelAccounts.as_view()),
    path(
        f"{ROOT}channel-accounts/<uuid:account_id>",
        channels.OneChannelAccount.as_view(),
    ),
    path(
        f"{ROOT}channel-accounts/<uuid:account_id>/replan",
        replan.ReplanChannel.as_view(),
    ),
    path(
        f"{ROOT}channel-accounts/<uuid:account_id>/connection",
        connections.ChannelConnection.as_view(),
    ),
    path(
        f"{ROOT}channel-accounts/<uuid:account_id>/connection/test",
        connections.ConnectionTest.as_view(),
    ),
    path(f"{ROOT}blackouts", blackouts.Blackouts.as_view()),
    path(f"{ROOT}blackouts/<uuid:blackout_id>", blackouts.OneBlackout.as_view()),
    path(
        f"{ROOT}blackouts/<uuid:blackout_id>/move-posts", blackouts.MovedOut.as_view()
    ),
    path(f"{ROOT}content-items", content.ContentItems.as_view()),
    path(f"{ROOT}content-items/<uuid:item_id>", content.OneContentItem.as_view()),
    path(f"{ROOT}content-items/<uuid:item_id>/media", media.MediaOfContent.as_view()),
    path(
        f"{ROOT}content-items/<uuid:item_id>/media/<uuid:media_id>",
        media.OneMediaOfContent.as_view(),
    ),
    path(f"{ROOT}media", media.MediaFiles.as_view()),
    path(f"{ROOT}media/upload", media.MediaUpload.as_view()),
    path(f"{ROOT}media/<uuid:media_id>", media.OneMediaFile.as_view()),
    path(f"{ROOT}post-instances", posts.PostInstances.as_view()),
    path(f"{ROOT}post-instances/bulk", posts.BulkPostInstances.as_view()),
    path(f"{ROOT}post-instances/<uuid:post_id>", posts.OnePostInstance.as_view()),
    path(f"{ROOT}post-instances/<uuid:post_id>/texts", writing.PostTexts.as_view()),
    path(f"{ROOT}post-instances/<uuid:post_id>/write", writing.WrittenSlot.as_view()),
    path(f"{ROOT}texts", writing.GeneratedTexts.as_view()),
    path(f"{ROOT}writing-runs", writing.WritingRuns.as_view()),
    path(f"{ROOT}writing-runs/<uuid:run_id>", writing.OneWritingRun.as_view()),
    path(
        f"{ROOT}writing-runs/<uuid:run_id>/cancel", writing.CanceledWritingRun.as_view()
    ),
    path(
        f"{ROOT}post-instances/<uuid:post_id>/mark-posted", posts.MarkPosted.as_view()
    ),
    path(
        f"{ROOT}post-instances/<uuid:post_id>/mark-failed", posts.MarkFailed.as_view()
    ),
    path(f"{ROOT}post-instances/<uuid:post_id>/resolve", posts.Resolve.as_view()),
    path(f"{ROOT}post-instances/<uuid:post_id>/attempts", posts.Attempts.as_view()),
]
