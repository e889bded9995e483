"""What the watch folder does: history, state, and a stream of server-sent events."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any, Literal

from channels.layers import get_channel_layer
from django.http import StreamingHttpResponse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.response import Response
from rest_framework.views import APIView
from typing_extensions import TypedDict

from scheduling.access import queue_settings_of, watched_files_of, watcher_events_of
from scheduling.api.queue.words import QueueMessage, done, naive
from scheduling.domain import states
from scheduling.events import WATCHER, WatcherEventBody, event_body, watcher_group
from scheduling.watch_folder.services import clear_history
from workspaces.doors import ApiRequest, workspace_of

MOST_EVENTS = 100
# Something must be said now and then, or what lies between takes the line for dead.
QUIET_SECONDS = 15.0


class WatcherHistory(TypedDict):
    """What the watch folder did last."""

    events: list[WatcherEventBody]
    """Newest first, at most a hundred."""
    count: int
    """How many these are."""


class WatcherStatus(TypedDict):
    """What the watch folder does."""

    status: Literal["idle", "processing", "watching"]
    """`processing` while a file is read, `watching` while new ones are waited for."""
    timestamp: str
    """Now: the workspace's clock, without offset."""


STREAM = OpenApiResponse(
    OpenApiTypes.STR,
    "Server-sent events without an end: `event: message`, with an event as in the "
    "history in `data`, and a comment after 15 seconds of silence.",
)


class EventStream(BaseRenderer):
    """Lets clients ask for `text/event-stream`; what is rendered with it is a refusal,
    in JSON all the same.
    """

    media_type = "text/event-stream"
    format = "stream"

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Any = None,
    ) -> bytes:
        """Refusals, which are no stream, as JSON."""
        return JSONRenderer().render(data)


class Stream(APIView):
    scope = "posts"
    renderer_classes = [JSONRenderer, EventStream]

    @extend_schema(
        operation_id="stream_watcher_events",
        responses={(200, "text/event-stream"): STREAM},
    )
    def get(self, request: ApiRequest) -> StreamingHttpResponse:
        """Events of the watch folder as they happen."""
        workspace = workspace_of(request)
        answer = StreamingHttpResponse(
            listen(watcher_group(workspace.pk)), content_type="text/event-stream"
        )
        # Compressing would hold events back; so would a proxy that buffers.
        answer["Content-Encoding"] = "identity"
        answer["Cache-Control"] = "no-cache"
        answer["X-Accel-Buffering"] = "no"
        return answer


async def listen(group: str) -> AsyncIterator[bytes]:
    """Server-sent events of the group until the client leaves; a comment every 15 s of
    silence.
    """
    layer = get_channel_layer()
    channel = await layer.new_channel()
    await layer.group_add(group, channel)
    try:
        yield b": listening\n\n"
        while True:
            try:
                message = await asyncio.wait_for(layer.receive(channel), QUIET_SECONDS)
            except TimeoutError:
                yield b": still here\n\n"
                continue
            frame = message["frame"]
            if frame["type"] == WATCHER:
                yield f"event: message\ndata: {json.dumps(frame['data'])}\n\n".encode()
    finally:
        await layer.group_discard(group, channel)


class History(APIView):
    scope = "posts"

    @extend_schema(operation_id="list_watcher_events", responses=WatcherHistory)
    def get(self, request: ApiRequest) -> Response:
        """The last 100 events of the watch folder, newest first."""
        workspace = workspace_of(request)
        rows = watcher_events_of(request.user, workspace)[:MOST_EVENTS]
        history: WatcherHistory = {
            "events": [event_body(event, workspace.zone) for event in rows],
            "count": len(rows),
        }
        return Response(history)


class Status(APIView):
    scope = "posts"

    @extend_schema(operation_id="read_watcher_status", responses=WatcherStatus)
    def get(self, request: ApiRequest) -> Response:
        """Whether the watch folder is watched, and whether a file is being read."""
        workspace = workspace_of(request)
        files = watched_files_of(request.user, workspace)
        body: WatcherStatus = {
            "status": "idle",
            "timestamp": naive(timezone.now(), workspace.zone),
        }
        if files.filter(state=states.READING).exists():
            body["status"] = "processing"
        elif queue_settings_of(request.user, workspace).watching:
            body["status"] = "watching"
        return Response(body)


class ClearHistory(APIView):
    scope = "posts"

    @extend_schema(
        operation_id="clear_watcher_history",
        request=None,
        responses=QueueMessage,
    )
    def post(self, request: ApiRequest) -> Response:
        """Forget the events of the watch folder."""
        clear_history(request.user, workspace_of(request))
        return Response(done("History cleared"))
