"""Writing texts: choose prompt and engine, ask, hold the answer to the limits, say what was done about it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, cast
from zoneinfo import ZoneInfo

from django.db.models import F, Sum
from django.utils import timezone

from common.errors import Missing, TooMany
from common.secrets import Sealed, Unreadable
from templates_ai.answers import Draft, Limits, trimmed, violations
from templates_ai.engines.base import Ask, Engine, EngineFailed, Reply
from templates_ai.engines.offline import Offline
from templates_ai.engines.openai_compatible import Address, OpenAiCompatible
from templates_ai.models import EngineSettings, Generation, PromptTemplate, TemplateVersion
from templates_ai.rendering import prompt_of
from workspaces.models import Workspace

BUILT_IN = """Write the text of a short video post.
The file is called {filename}; it shows {game_context}. It appears on {platform}.
Give a title that makes people curious, a caption that says what happens and invites an answer, with fitting emojis,
and 10 to 15 hashtags. Answer with JSON only:
{"title": "...", "caption": "...", "hashtags": ["...", "..."]}"""
# After so many failures in a row an engine is left alone for a while.
FAILURES, REST = 3, timedelta(seconds=60)


@dataclass(frozen=True)
class Result:
    """A text, the engine that made it, and what a reader of it should know."""

    draft: Draft
    engine: str
    notes: tuple[str, ...]
    generation: Generation


def generate_metadata(
    workspace: Workspace, filename: str, context: str, template_id: int | None = None, *,
    prompt_text: str | None = None, values: dict[str, str] | None = None, tags: tuple[str, ...] = (),
    limits: Limits | None = None,
) -> Result:  # fmt: skip
    """Write title, caption and hashtags with the given template, else the active one, else the built-in prompt.

    An engine that fails is replaced by the offline one, and the notes say so. Raises Missing for an unknown
    template, TooMany when the day's budget is spent.
    """
    limits = limits or Limits()
    version = None if prompt_text is not None else _version(workspace, template_id)
    text = prompt_text if prompt_text is not None else version.prompt_text if version else BUILT_IN
    said = {**(values or {}), "filename": filename, "game_context": context}
    ask = Ask(prompt_of(text, said), said, tags)
    settings = EngineSettings.objects.filter(workspace=workspace).first()
    reply, engine = _write(workspace, settings, ask, limits)
    draft, notes = _held(reply, limits)
    row = _record(workspace, settings, version, engine, replace(reply, notes=notes))
    return Result(draft, engine, notes, row)


def _version(workspace: Workspace, template_id: int | None) -> TemplateVersion | None:
    rows = PromptTemplate.objects.filter(workspace=workspace)
    template = rows.filter(is_active=True).first() if template_id is None else rows.filter(pk=template_id).first()
    if template is None and template_id is not None:
        raise Missing("Template not found")
    return template.versions.filter(number=template.version).first() if template else None


def _write(workspace: Workspace, settings: EngineSettings | None, ask: Ask, limits: Limits) -> tuple[Reply, str]:
    if settings is None or settings.engine == EngineSettings.OFFLINE:
        return Offline().write(ask), Offline.name
    if settings.resting_until and settings.resting_until > timezone.now():
        return _instead(ask, "The engine failed several times and rests for a minute.")
    _check_budget(workspace, settings)
    rows = EngineSettings.objects.filter(pk=settings.pk)
    try:
        reply = _repaired(_engine(settings), ask, limits)
    except EngineFailed as failure:
        rows.update(failures=F("failures") + 1)
        rows.filter(failures__gte=FAILURES).update(failures=0, resting_until=timezone.now() + REST)
        return _instead(ask, str(failure))
    rows.filter(failures__gt=0).update(failures=0)
    return reply, OpenAiCompatible.name


def _engine(settings: EngineSettings) -> Engine:
    """Raises EngineFailed when the key cannot be read any more."""
    try:
        key = cast(Sealed, settings.key).reveal() if settings.key else ""
    except Unreadable as error:
        raise EngineFailed("The engine's key cannot be read any more; enter it again.") from error
    return OpenAiCompatible(Address(settings.base_url, settings.model, key, settings.seconds))


def _instead(ask: Ask, why: str) -> tuple[Reply, str]:
    reply = Offline().write(ask)
    return replace(reply, notes=(f"Written offline: {why}",)), Offline.name


def _repaired(engine: Engine, ask: Ask, limits: Limits) -> Reply:
    """The answer; one that breaks the limits is sent back once with what is wrong with it."""
    first = engine.write(ask)
    wrong = violations(first.draft, limits)
    if not wrong:
        return first
    try:
        second = engine.write(replace(ask, violations=wrong, earlier=first.text))
    except EngineFailed:
        return replace(first, notes=("The engine could not be asked to repair its answer.",))
    taken = first.tokens_in + second.tokens_in, first.tokens_out + second.tokens_out
    return replace(second, tokens_in=taken[0], tokens_out=taken[1], notes=("The engine repaired its answer once.",))


def _held(reply: Reply, limits: Limits) -> tuple[Draft, tuple[str, ...]]:
    draft = trimmed(reply.draft, limits)
    notes = reply.notes + (("The text was cut to the platform's limits.",) if draft != reply.draft else ())
    return draft, notes + violations(draft, limits)


def _check_budget(workspace: Workspace, settings: EngineSettings) -> None:
    """Raises TooMany when what the workspace may use in a day of its own zone is used up."""
    now = timezone.now().astimezone(ZoneInfo(workspace.zone))
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    spent = Generation.objects.filter(workspace=workspace, made_at__gte=midnight).aggregate(
        tokens=Sum(F("tokens_in") + F("tokens_out")), cost=Sum("cost")
    )
    over_tokens = settings.daily_tokens is not None and (spent["tokens"] or 0) >= settings.daily_tokens
    over_cost = settings.daily_cost is not None and (spent["cost"] or 0) >= settings.daily_cost
    if over_tokens or over_cost:
        raise TooMany("The workspace's budget for texts is used up for today.", _seconds_left(now, midnight))


def _seconds_left(now: datetime, midnight: datetime) -> int:
    """Until the next local midnight, however long the day is."""
    return max(1, int((midnight + timedelta(days=1)).timestamp() - now.timestamp()))


def _record(
    workspace: Workspace, settings: EngineSettings | None, version: TemplateVersion | None, engine: str, reply: Reply
) -> Generation:
    facts: dict[str, Any] = {"tokens_in": reply.tokens_in, "tokens_out": reply.tokens_out, "notes": list(reply.notes)}
    if settings and engine != Offline.name:
        facts |= {"model": settings.model, "cost": settings.cost_of(reply.tokens_in, reply.tokens_out)}
    return Generation.objects.create(workspace=workspace, version=version, engine=engine, **facts)
