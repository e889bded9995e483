"""Writing texts: choose prompt and engine, ask, hold the answer to the limits, say what
was done about it.
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import cast

from django.db.models import F
from django.utils import timezone

from common.errors import Missing
from common.mappings import Values
from common.secrets import Sealed, Unreadable
from templates_ai.answers import Draft
from templates_ai.engines.base import (
    CANNOT_BE_USED,
    Ask,
    Engine,
    EngineFailed,
    Reply,
    Unusable,
)
from templates_ai.engines.offline import Offline
from templates_ai.engines.openai_compatible import Address, OpenAiCompatible
from templates_ai.engines.outlines import is_outline
from templates_ai.limits import JSON_SHOWS, Limits, cut, links_in, trimmed, violations
from templates_ai.models import (
    EngineSettings,
    Generation,
    PromptTemplate,
    TemplateVersion,
)
from templates_ai.rendering import prompt_of
from templates_ai.reserving import reserved
from workspaces.models import Workspace

BUILT_IN = """Write the text of a short video post.
The file is called {filename}; it shows {game_context}. It appears on {platform}.
Give a title that makes people curious, a caption that says what happens and invites an
answer, with fitting emojis, and 10 to 15 hashtags. Answer with JSON only:
{"title": "...", "caption": "...", "hashtags": ["...", "..."]}"""
NOTHING = Draft("", "")
NOT_SENT = "Written offline: the prompt was not sent to a model."
REPAIRED = "The engine repaired its answer once."
NOT_REPAIRED = "The engine could not be asked to repair its answer."
NO_BETTER = "The engine's repair was no better; its first answer is kept."
TITLED = "The title is the beginning of the text."
EMPTY = "The caption is empty."
# After so many failures in a row an engine is left alone for a while.
FAILURES = 3
REST = timedelta(seconds=60)


@dataclass(frozen=True)
class Result:
    """A text, the engine that made it, and what a reader of it should know."""

    draft: Draft
    engine: str
    notes: tuple[str, ...]
    generation: Generation
    fell_back: bool = False

    @property
    def is_outline(self) -> bool:
        """Whether a person still has to write the text."""
        return is_outline(self.draft.caption)


def generate_metadata(
    workspace: Workspace,
    filename: str,
    context: str,
    template_id: int | None = None,
    *,
    prompt_text: str | None = None,
    values: dict[str, str] | None = None,
    tags: tuple[str, ...] = (),
    limits: Limits | None = None,
    others: tuple[str, ...] = (),
    spare_engine: bool = False,
    outline: bool = False,
) -> Result:
    """Write title, caption and hashtags with the given template, else the active one,
    else the built-in prompt.

    `values` are the template's further variables, `others` the titles of variants that
    are there already. An engine that fails is replaced by the offline one, and the
    notes say so; `spare_engine` does so without asking, for one that failed just now.
    With `outline` the offline one gives outlines instead of texts.
    Raises Missing for an unknown template, TooMany when the day's budget is spent.
    """
    version = None if prompt_text is not None else _version(workspace, template_id)
    text = version.prompt_text if version else BUILT_IN
    if prompt_text is not None:
        text = prompt_text
    facts = {**(values or {}), "filename": filename, "game_context": context}
    limits = _with_facts(limits or Limits(), text, facts)
    ask = Ask(
        prompt_of(text, facts),
        facts,
        tags,
        limits,
        others=others,
        own_prompt=text != BUILT_IN,
        outline=outline,
    )
    settings = EngineSettings.objects.filter(workspace=workspace).first()
    with ExitStack() as until_recorded:
        reply, engine = _write(settings, ask, spare_engine, until_recorded)
        draft, notes = _held(reply, limits)
        row = _record(workspace, settings, version, engine, replace(reply, notes=notes))
    wished_engine = settings.engine if settings else Offline.name
    return Result(draft, engine, notes, row, fell_back=engine != wished_engine)


def _with_facts(limits: Limits, prompt: str, values: dict[str, str]) -> Limits:
    """The limits with the language and the links that people gave; a link that nobody
    gave is not let through.
    """
    links = limits.links | links_in(prompt) | links_in(values.get("link", ""))
    language = limits.language or values.get("language", "")
    return replace(limits, links=links, language=language)


def approval_needed(workspace: Workspace) -> bool:
    """Whether a person has to approve the workspace's generated texts before they go
    out; so it is unless told.
    """
    settings = EngineSettings.objects.filter(workspace=workspace).first()
    return settings is None or settings.needs_approval


def writes_by_engine(workspace: Workspace) -> bool:
    """Whether an engine writes the workspace's texts; else they are put together of what
    is known.
    """
    settings = EngineSettings.objects.filter(workspace=workspace).first()
    return settings is not None and settings.engine != EngineSettings.OFFLINE


def _version(workspace: Workspace, template_id: int | None) -> TemplateVersion | None:
    """The present version of that template, or of the active one; None for none.
    Raises Missing.
    """
    rows = PromptTemplate.objects.filter(workspace=workspace)
    if template_id is None:
        template = rows.filter(is_active=True).first()
    else:
        template = rows.filter(pk=template_id).first()
        if template is None:
            raise Missing("Template not found")
    if template is None:
        return None
    return template.versions.filter(number=template.version).first()


def _write(
    settings: EngineSettings | None, ask: Ask, spare: bool, until_recorded: ExitStack
) -> tuple[Reply, str]:
    if settings is None or settings.engine == EngineSettings.OFFLINE:
        reply = Offline().write(ask)
        notes = (NOT_SENT, *reply.notes) if ask.own_prompt else reply.notes
        return replace(reply, notes=notes), Offline.name
    if spare:
        return _instead(ask, "The engine failed just now.")
    if settings.resting_until and settings.resting_until > timezone.now():
        return _instead(ask, "The engine failed several times and rests for a minute.")
    until_recorded.enter_context(reserved(settings, ask))
    rows = EngineSettings.objects.filter(pk=settings.pk)
    try:
        reply = _repaired(_engine(settings), ask)
    except EngineFailed as failure:
        rows.update(failures=F("failures") + 1)
        rows.filter(failures__gte=FAILURES).update(
            failures=0, resting_until=timezone.now() + REST
        )
        spent = failure.spent if isinstance(failure, Unusable) else Reply(NOTHING)
        return _instead(ask, str(failure), spent)
    rows.filter(failures__gt=0).update(failures=0)
    return reply, OpenAiCompatible.name


def _engine(settings: EngineSettings) -> Engine:
    """Raises EngineFailed when the key cannot be read any more."""
    try:
        key = cast(Sealed, settings.key).reveal() if settings.key else ""
    except Unreadable as error:
        raise EngineFailed(
            "The engine's key cannot be read any more; enter it again."
        ) from error
    return OpenAiCompatible(
        Address(
            settings.base_url, settings.model, key, settings.seconds, settings.stream
        )
    )


def _instead(ask: Ask, why: str, spent: Reply | None = None) -> tuple[Reply, str]:
    """What is written offline; `spent` is what the engine took all the same."""
    reply = Offline().write(ask)
    tokens = spent or Reply(NOTHING)
    reply = replace(
        reply,
        tokens_in=tokens.tokens_in,
        tokens_out=tokens.tokens_out,
        notes=(f"Written offline: {why}", *reply.notes),
    )
    return reply, Offline.name


def _repaired(engine: Engine, ask: Ask) -> Reply:
    """The answer; one that breaks the limits, or that nobody can read, is sent back once
    with what is wrong with it, and the better of the two counts.

    Raises Unusable where there is no text in either, EngineFailed where there is no
    answer.
    """
    first, wrong = _answer(engine, ask)
    if not wrong:
        return first
    try:
        second, still_wrong = _answer(
            engine, replace(ask, violations=wrong, earlier=first.text)
        )
    except EngineFailed:
        return _with_text(replace(first, notes=(NOT_REPAIRED,)), ask, wrong)
    lost_text = has_text(first, ask) and not has_text(second, ask)
    if lost_text or len(still_wrong) > len(wrong):
        kept, left, note = first, wrong, NO_BETTER
    else:
        kept, left, note = second, still_wrong, REPAIRED
    reply = replace(
        kept,
        tokens_in=first.tokens_in + second.tokens_in,
        tokens_out=first.tokens_out + second.tokens_out,
        notes=(note,),
    )
    return _with_text(reply, ask, left)


def _answer(engine: Engine, ask: Ask) -> tuple[Reply, tuple[str, ...]]:
    """An answer and what is wrong with it; one without a draft where it cannot be read.
    Raises EngineFailed.
    """
    try:
        reply = engine.write(ask)
    except Unusable as unusable:
        why = str(unusable).removeprefix(CANNOT_BE_USED).strip()
        return unusable.spent, (why,)
    return reply, violations(reply.draft, ask.limits)


def has_text(reply: Reply, ask: Ask) -> bool:
    """Whether people can read something once the draft is within the limits."""
    draft = trimmed(reply.draft, ask.limits)
    return bool(draft.caption) and not draft.shows_form


def _with_text(reply: Reply, ask: Ask, wrong: tuple[str, ...]) -> Reply:
    """The same reply, with a title. Raises Unusable for one without a text.

    wrong: what is wrong with it.
    """
    draft = reply.draft
    if not has_text(reply, ask):
        empty = JSON_SHOWS if draft.shows_form else EMPTY
        why = wrong[0] if draft == NOTHING else empty
        raise Unusable(f"{CANNOT_BE_USED} {why}", reply)
    if draft.title:
        return reply
    first_line = draft.caption.partition("\n")[0]
    titled = replace(draft, title=cut(first_line, ask.limits.title))
    return replace(reply, draft=titled, notes=(*reply.notes, TITLED))


def _held(reply: Reply, limits: Limits) -> tuple[Draft, tuple[str, ...]]:
    """The draft within the limits, and what is to be said of it."""
    draft = trimmed(reply.draft, limits)
    notes = reply.notes + (
        ("The text was cut to the platform's limits.",) if draft != reply.draft else ()
    )
    return draft, notes + violations(draft, limits)


def _record(
    workspace: Workspace,
    settings: EngineSettings | None,
    version: TemplateVersion | None,
    engine: str,
    reply: Reply,
) -> Generation:
    facts: Values = {
        "tokens_in": reply.tokens_in,
        "tokens_out": reply.tokens_out,
        "notes": list(reply.notes),
    }
    if settings:
        facts["cost"] = settings.cost_of(reply.tokens_in, reply.tokens_out)
    if settings and engine != Offline.name:
        facts["model"] = settings.model
    return Generation.objects.create(
        workspace=workspace, version=version, engine=engine, **facts
    )
