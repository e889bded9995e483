"""Generated texts: variants, one slot, and runs that fill a range of slots."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from common import json_fields as serializers
from common.instants import InstantField
from common.mappings import JsonObject
from scheduling.access import access_writing_run, writing_runs_of, writing_slots_of
from scheduling.api.marketing import queries
from scheduling.api.marketing.queries import TENANT
from scheduling.api.marketing.words import iso, post_body
from scheduling.domain import states
from scheduling.domain.platforms.catalogue import BY_NAME
from scheduling.models import WritingRun, WritingSlot
from scheduling.writing import services as writing
from scheduling.writing.brief import Brief
from templates_ai.generation import Result
from workspaces.doors import ApiRequest, read
from workspaces.roles import Role

MOST_PLATFORMS = 4


class BriefFields(serializers.Serializer[Any]):
    """What the text is about; `about` or `filename` must say something."""

    about = serializers.CharField(
        required=False, allow_blank=True, max_length=4096, default=""
    )
    filename = serializers.CharField(
        required=False, allow_blank=True, max_length=4096, default=""
    )
    audience = serializers.CharField(
        required=False, allow_blank=True, max_length=500, default=""
    )
    tone = serializers.CharField(
        required=False, allow_blank=True, max_length=200, default=""
    )
    language = serializers.CharField(
        required=False, allow_blank=True, max_length=60, default=""
    )
    link = serializers.URLField(
        required=False, allow_blank=True, max_length=1000, default=""
    )
    template_id = serializers.IntegerField(
        required=False, allow_null=True, default=None
    )


class Variants(BriefFields):
    count = serializers.IntegerField(
        required=False, min_value=1, max_value=writing.MOST_VARIANTS, default=1
    )


class Texts(Variants):
    tenant_id = serializers.CharField()
    platforms = serializers.ListField(
        child=serializers.ChoiceField(sorted(BY_NAME)),
        required=False,
        max_length=MOST_PLATFORMS,
        default=list,
    )


class NewRun(BriefFields):
    tenant_id = serializers.CharField()
    start = InstantField()
    end = InstantField()
    channel_account_ids = serializers.ListField(
        child=serializers.UUIDField(), required=False, max_length=200
    )


def briefed(
    shape: type[serializers.Serializer[Any]], request: ApiRequest
) -> tuple[JsonObject, Brief]:
    """The fields and, of them, the brief."""
    fields = read(shape, request)
    return fields, Brief.of(fields)


def text_body(result: Result) -> JsonObject:
    """A variant as clients get it; `engine` says what wrote it."""
    draft = result.draft
    return {
        "title": draft.title,
        "caption": draft.caption,
        "hashtags": list(draft.hashtags),
        "engine": result.engine,
        "notes": list(result.notes),
        "generation_id": result.generation.pk,
    }


def texts_body(results: list[Result]) -> JsonObject:
    """Texts with their count."""
    texts = [text_body(result) for result in results]
    return {"texts": texts, "count": len(texts)}


def run_body(run: WritingRun, done: int, total: int) -> JsonObject:
    """A run as clients get it: how many of its slots are done."""
    return {
        "id": str(run.pk),
        "tenant_id": run.workspace.slug,
        "status": run.state,
        "start": iso(run.start),
        "end": iso(run.end),
        "done": done,
        "total": total,
        "percent": round(100 * done / total) if total else 100,
        "error": run.error or None,
        "brief": run.brief,
        "created_at": iso(run.created_at),
        "ended_at": iso(run.ended_at),
    }


def whole_run(run: WritingRun, slots: list[WritingSlot]) -> JsonObject:
    """As `run_body`, with every slot and what became of it."""
    done = sum(slot.state != states.WAITING for slot in slots)
    rows = [
        {
            "post_instance_id": str(slot.post_id),
            "status": slot.state,
            "note": slot.note or None,
            "content_item_id": str(slot.content_id) if slot.content_id else None,
        }
        for slot in slots
    ]
    return run_body(run, done, len(slots)) | {"slots": rows}


class GeneratedTexts(APIView):
    scope = "posts"

    @extend_schema(
        request=Texts,
    )
    def post(self, request: ApiRequest) -> Response:
        """Write variants for some platforms, none of which is kept. `engine` says what
        wrote each.
        """
        fields, brief = briefed(Texts, request)
        workspace = queries.tenant(request, Role.EDITOR, fields["tenant_id"])
        results = writing.suggest_on(
            request.user, workspace, brief, fields["platforms"], fields["count"]
        )
        return Response(texts_body(results))


class PostTexts(APIView):
    scope = "posts"

    @extend_schema(
        request=Variants,
    )
    def post(self, request: ApiRequest, post_id: UUID) -> Response:
        """Write variants for a post's own channel and day, none of which is kept."""
        fields, brief = briefed(Variants, request)
        results = writing.suggest_for_post(
            request.user, post_id, brief, fields["count"]
        )
        return Response(texts_body(results))


class WrittenSlot(APIView):
    scope = "posts"

    @extend_schema(
        request=BriefFields,
    )
    def post(self, request: ApiRequest, post_id: UUID) -> Response:
        """Fill an empty slot with a generated text: a draft, or scheduled where texts
        need no approval.
        """
        _, brief = briefed(BriefFields, request)
        post = writing.write_slot(request.user, post_id, brief)
        return Response(post_body(post, post.workspace.slug))


class WritingRuns(APIView):
    scope = "posts"

    @extend_schema(
        operation_id="list_writing_runs",
        parameters=[TENANT],
    )
    def get(self, request: ApiRequest) -> Response:
        """The workspace's latest hundred runs, newest first."""
        rows = writing_runs_of(request.user, queries.tenant(request))
        newest = rows.select_related("workspace")[:100]
        runs = [run_body(run, run.done, run.total) for run in newest]  # type: ignore[attr-defined]
        return Response({"runs": runs, "count": len(runs)})

    @extend_schema(request=NewRun, responses={202: OpenApiTypes.OBJECT})
    def post(self, request: ApiRequest) -> Response:
        """Have the empty slots of [start, end) written in the background."""
        fields, brief = briefed(NewRun, request)
        workspace = queries.tenant(request, Role.EDITOR, fields["tenant_id"])
        run = writing.start_run(
            request.user,
            workspace,
            brief,
            fields["start"],
            fields["end"],
            fields.get("channel_account_ids"),
        )
        return Response(
            whole_run(run, list(writing_slots_of(request.user, run))), status=202
        )


class OneWritingRun(APIView):
    scope = "posts"

    def get(self, request: ApiRequest, run_id: UUID) -> Response:
        """How far a run is, slot by slot."""
        run = access_writing_run(request.user, run_id)
        return Response(whole_run(run, list(writing_slots_of(request.user, run))))


class CanceledWritingRun(APIView):
    scope = "posts"

    @extend_schema(
        request=None,
    )
    def post(self, request: ApiRequest, run_id: UUID) -> Response:
        """Stop a run; what is written stays."""
        run = writing.cancel_run(request.user, run_id)
        return Response(whole_run(run, list(writing_slots_of(request.user, run))))
