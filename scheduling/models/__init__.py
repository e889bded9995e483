from scheduling.models.blackouts import Blackout
from scheduling.models.channels import ChannelAccount
from scheduling.models.content import ContentItem
from scheduling.models.feeds import CalendarFeed
from scheduling.models.groups import PostGroup
from scheduling.models.imports import ImportedRow, PostImport
from scheduling.models.media import ContentMedia, MediaFile
from scheduling.models.outbox import OutboxPost
from scheduling.models.posts import Attempt, Post
from scheduling.models.queue import QueueSettings, WatchedFile, WatcherEvent
from scheduling.models.writing import WritingRun, WritingSlot

__all__ = [
    "Attempt",
    "Blackout",
    "CalendarFeed",
    "ChannelAccount",
    "ContentItem",
    "ContentMedia",
    "ImportedRow",
    "MediaFile",
    "OutboxPost",
    "Post",
    "PostGroup",
    "PostImport",
    "QueueSettings",
    "WatchedFile",
    "WatcherEvent",
    "WritingRun",
    "WritingSlot",
]
