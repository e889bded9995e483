"""Generated texts: variants, one slot, and runs that fill a range of slots."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView
from typing_extensions import TypedDict

from common import json_fields as serializers
from common.bodies import Identifier, Instant, one_of
from common.instants import InstantField
from common.mappings import JsonObject
from scheduling.access import access_writing_run, writing_runs_of, writing_slots_of
from scheduling.api.marketing import queries
from scheduling.api.marketing.bodies import PostBody
from scheduling.api.marketing.posts import POST_ID
from scheduling.api.marketing.queries import SHORT_NAME, TENANT
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


RUN_ID = queries.place("run_id", "The run's id")
UNKNOWN_PARTS = "There is no such workspace or prompt template, or it is not yours."
UNKNOWN_POST = "There is no such post or prompt template, or it is not yours."
BUDGET_SPENT = (
    "The workspace's texts for today are used up; `Retry-After` says for how many "
    "seconds to wait."
)
NOT_EMPTY = "The slot is not empty, or not any more."
RUN_OVER = "The run has ended already."


class BriefFields(serializers.Serializer[Any]):
    """What the text is about; `about` or `filename` must say something."""

    about = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=4096,
        default="",
        help_text="The subject, in a few words",
    )
    filename = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=4096,
        default="",
        help_text="The name of the file that the text goes with",
    )
    audience = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=500,
        default="",
        help_text="Who reads it",
    )
    tone = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=200,
        default="",
        help_text="How it should sound",
    )
    language = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=60,
        default="",
        help_text="The language to write in",
    )
    link = serializers.URLField(
        required=False,
        allow_blank=True,
        max_length=1000,
        default="",
        help_text="A link that goes with it",
    )
    template_id = serializers.IntegerField(
        required=False,
        allow_null=True,
        default=None,
        help_text="The prompt template to use; null for the workspace's active one",
    )


class Variants(BriefFields):
    """What texts are about, and how many are wanted."""

    count = serializers.IntegerField(
        required=False,
        min_value=1,
        max_value=writing.MOST_VARIANTS,
        default=1,
        help_text="How many different texts to write, for each platform",
    )


class Texts(Variants):
    """What texts are about, and for which platforms."""

    tenant_id = serializers.CharField(help_text=SHORT_NAME)
    platforms = serializers.ListField(
        child=serializers.ChoiceField(sorted(BY_NAME)),
        required=False,
        max_length=MOST_PLATFORMS,
        default=list,
        help_text="Whose limits the texts keep; empty for no platform in particular",
    )


class NewRun(BriefFields):
    """What texts are about, and which slots are to have them."""

    tenant_id = serializers.CharField(help_text=SHORT_NAME)
    start = InstantField(
        help_text="The begin of the range; UTC unless it has an offset"
    )
    end = InstantField(help_text="Its end; slots at this moment are not in it")
    channel_account_ids = serializers.ListField(
        child=serializers.UUIDField(),
        required=False,
        max_length=200,
        help_text="Only slots of these channel accounts; default: of all",
    )


class TextVariant(TypedDict):
    """A generated text, which is not kept."""

    title: str
    """A title for it."""
    caption: str
    """The text itself, or an outline where no engine is set up."""
    hashtags: list[str]
    """Hashtags, without `#`."""
    engine: str
    """What wrote it; `offline` needs no service."""
    notes: list[str]
    """What a reader should know of how it was made, for people to read."""
    generation_id: int
    """The record of the engine's work."""


class TextVariants(TypedDict):
    """Generated texts to choose from."""

    texts: list[TextVariant]
    """For each platform as many as were asked for."""
    count: int
    """How many there are."""


class TextBrief(TypedDict):
    """What texts are about."""

    about: str
    """The subject, in a few words."""
    filename: str
    """The name of the file that they go with."""
    audience: str
    """Who reads them."""
    tone: str
    """How they sound."""
    language: str
    """The language that they are in."""
    link: str
    """The link that goes with them."""
    template_id: int | None
    """The prompt template; null for the active one."""


class WritingRunBody(TypedDict):
    """A run that writes texts into empty slots."""

    id: Identifier
    """The run's id."""
    tenant_id: str
    """The workspace's short name."""
    status: Annotated[str, one_of(states.WRITING.states)]
    """How far it is."""
    start: Instant
    """The begin of the range whose slots it fills."""
    end: Instant
    """The end of the range; slots at this moment are not in it."""
    done: int
    """How many of its slots are written or skipped, or failed."""
    total: int
    """How many slots it has."""
    percent: int
    """How many of them are done, 0 to 100."""
    error: str | None
    """Why it failed."""
    brief: TextBrief
    """What the texts are about."""
    created_at: Instant
    """When it was started."""
    ended_at: Instant | None
    """When it ended; null while it lasts."""


class WritingRunList(TypedDict):
    """A workspace's runs."""

    runs: list[WritingRunBody]
    """Newest first, at most a hundred."""
    count: int
    """How many these are."""


class WritingSlotBody(TypedDict):
    """A slot of a run."""

    post_instance_id: Identifier
    """The post that the slot is."""
    status: Annotated[str, one_of(states.WRITING_SLOT.states)]
    """What became of it."""
    note: str | None
    """Why it was skipped, or what is to be known of its text, for people to read."""
    content_item_id: Identifier | None
    """The content that was written for it."""


class WritingRunWithSlots(WritingRunBody):
    """A run, and what became of each of its slots."""

    slots: list[WritingSlotBody]
    """In order of time."""


def briefed(
    shape: type[serializers.Serializer[Any]], request: ApiRequest
) -> tuple[JsonObject, Brief]:
    """The fields and, of them, the brief."""
    fields = read(shape, request)
    return fields, Brief.of(fields)


def text_body(result: Result) -> TextVariant:
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


def texts_body(results: list[Result]) -> TextVariants:
    """Texts with their count."""
    texts = [text_body(result) for result in results]
    return {"texts": texts, "count": len(texts)}


def run_body(run: WritingRun, done: int, total: int) -> WritingRunBody:
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


def slot_body(slot: WritingSlot) -> WritingSlotBody:
    """A slot of a run, and what became of it."""
    return {
        "post_instance_id": str(slot.post_id),
        "status": slot.state,
        "note": slot.note or None,
        "content_item_id": str(slot.content_id) if slot.content_id else None,
    }


def whole_run(run: WritingRun, slots: list[WritingSlot]) -> WritingRunWithSlots:
    """As `run_body`, with every slot and what became of it."""
    done = sum(slot.state != states.WAITING for slot in slots)
    return {
        **run_body(run, done, len(slots)),
        "slots": [slot_body(slot) for slot in slots],
    }


class GeneratedTexts(APIView):
    scope = "posts"

    @extend_schema(
        operation_id="write_texts",
        request=Texts,
        responses={200: TextVariants, 404: UNKNOWN_PARTS, 429: BUDGET_SPENT},
    )
    def post(self, request: ApiRequest) -> Response:
        """Write texts for some platforms. None is kept; `engine` says what wrote each."""
        fields, brief = briefed(Texts, request)
        workspace = queries.tenant(request, Role.EDITOR, fields["tenant_id"])
        results = writing.suggest_on(
            request.user, workspace, brief, fields["platforms"], fields["count"]
        )
        return Response(texts_body(results))


class PostTexts(APIView):
    scope = "posts"

    @extend_schema(
        operation_id="write_texts_for_post",
        request=Variants,
        parameters=[POST_ID],
        responses={200: TextVariants, 404: UNKNOWN_POST, 429: BUDGET_SPENT},
    )
    def post(self, request: ApiRequest, post_id: UUID) -> Response:
        """Write texts for a post's own channel and day. None is kept."""
        fields, brief = briefed(Variants, request)
        results = writing.suggest_for_post(
            request.user, post_id, brief, fields["count"]
        )
        return Response(texts_body(results))


class WrittenSlot(APIView):
    scope = "posts"

    @extend_schema(
        operation_id="write_slot",
        request=BriefFields,
        parameters=[POST_ID],
        responses={
            200: PostBody,
            404: UNKNOWN_POST,
            409: NOT_EMPTY,
            429: BUDGET_SPENT,
        },
    )
    def post(self, request: ApiRequest, post_id: UUID) -> Response:
        """Fill an empty slot with a generated text. It becomes a draft, or is scheduled
        where texts need no approval.
        """
        _, brief = briefed(BriefFields, request)
        post = writing.write_slot(request.user, post_id, brief)
        return Response(post_body(post, post.workspace.slug))


class WritingRuns(APIView):
    scope = "posts"

    @extend_schema(
        operation_id="list_writing_runs",
        parameters=[TENANT],
        responses=WritingRunList,
    )
    def get(self, request: ApiRequest) -> Response:
        """The workspace's latest hundred runs, newest first."""
        rows = writing_runs_of(request.user, queries.tenant(request))
        newest = rows.select_related("workspace")[:100]
        runs = [run_body(run, run.done, run.total) for run in newest]  # type: ignore[attr-defined]
        body: WritingRunList = {"runs": runs, "count": len(runs)}
        return Response(body)

    @extend_schema(
        operation_id="start_writing_run",
        request=NewRun,
        responses={202: WritingRunWithSlots, 404: UNKNOWN_PARTS},
    )
    def post(self, request: ApiRequest) -> Response:
        """Have the empty slots from `start` to `end` written in the background."""
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

    @extend_schema(
        operation_id="read_writing_run",
        parameters=[RUN_ID],
        responses=WritingRunWithSlots,
    )
    def get(self, request: ApiRequest, run_id: UUID) -> Response:
        """How far a run is, slot by slot."""
        run = access_writing_run(request.user, run_id)
        return Response(whole_run(run, list(writing_slots_of(request.user, run))))


class CanceledWritingRun(APIView):
    scope = "posts"

    @extend_schema(
        operation_id="cancel_writing_run",
        request=None,
        parameters=[RUN_ID],
        responses={200: WritingRunWithSlots, 409: RUN_OVER},
    )
    def post(self, request: ApiRequest, run_id: UUID) -> Response:
        """Stop a run. What is written stays."""
        run = writing.cancel_run(request.user, run_id)
        return Response(whole_run(run, list(writing_slots_of(request.user, run))))
