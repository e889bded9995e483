"""Staff pages of the posting half. States are moved by services, so they are read only here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet, URLField
from django.http import HttpRequest
from django.urls import reverse
from unfold.admin import ModelAdmin, TabularInline
from unfold.widgets import UnfoldAdminURLInputWidget

from common.admin import Exported, NotAdded, through
from common.doorbell import ring
from scheduling.access import access_post
from scheduling.channels.topoff import top_off_all
from scheduling.domain import states
from scheduling.models import (
    Attempt,
    Blackout,
    ChannelAccount,
    ContentItem,
    ContentMedia,
    ImportedRow,
    MediaFile,
    OutboxPost,
    Post,
    PostImport,
)
from scheduling.models.writing import WritingRun, WritingSlot
from scheduling.posts import services as posts
from scheduling.posts.fitting import findings
from scheduling.publishing.tasks import resolve_post
from workspaces.models import User, Workspace
from workspaces.roles import Role


def on_post(service: Callable[[User, Post], Any]) -> Callable[[User, UUID], Any]:
    """The service for a post that is named by its key."""
    return lambda user, key: service(user, access_post(user, key, Role.EDITOR))


# An address without a scheme is meant as people mean it today; Django's own forms still
# make it http.
ADDRESSES = {URLField: {"widget": UnfoldAdminURLInputWidget, "assume_scheme": "https"}}


class ChannelAccountForm(forms.ModelForm):  # type: ignore[type-arg]
    """A channel account; its secret can be replaced and never be read."""

    new_credential = forms.CharField(
        required=False,
        widget=forms.PasswordInput(),
        label="New secret or token",
        help_text="Blank keeps the present one.",
    )


@admin.register(ChannelAccount)
class ChannelAccountAdmin(Exported, ModelAdmin):
    form = ChannelAccountForm
    formfield_overrides = ADDRESSES
    list_display = (
        "name",
        "platform",
        "workspace",
        "status",
        "posts_per_week",
        "zone",
        "publisher",
    )
    list_filter = ("status", "platform", "workspace")
    list_select_related = ("workspace",)
    search_fields = ("name",)
    actions = ("top_off_workspaces", "export_as_csv")

    def view_on_site(self, channel: ChannelAccount) -> str:
        return reverse("channel", args=[channel.pk])

    def save_model(
        self, request: HttpRequest, obj: ChannelAccount, form: Any, change: bool
    ) -> None:
        obj.credential = form.cleaned_data.get("new_credential") or obj.credential
        super().save_model(request, obj, form, change)

    @admin.action(description="Top off 28 days for the workspaces of these channels")
    def top_off_workspaces(
        self, request: HttpRequest, chosen: QuerySet[ChannelAccount]
    ) -> None:
        """Fill the next 28 days of each workspace, and say of each what came of it."""
        workspaces = Workspace.objects.filter(channel_accounts__in=chosen).distinct()
        for slug, report in top_off_all(workspaces).items():
            if isinstance(report, str):
                self.message_user(request, f"{slug}: {report}", messages.ERROR)
            else:
                self.message_user(request, f"{slug}: {report.message}")


@admin.register(Blackout)
class BlackoutAdmin(ModelAdmin):
    list_display = (
        "__str__",
        "workspace",
        "kind",
        "platform",
        "account",
        "begins_local",
        "ends_local",
        "zone",
        "rule",
    )
    list_filter = ("kind", "workspace")
    list_select_related = ("workspace", "account")
    search_fields = ("reason",)
    autocomplete_fields = ("account", "post")


class MediaInline(TabularInline):
    model = ContentMedia
    extra = 0
    fields = ("position", "media", "alt")
    autocomplete_fields = ("media",)


@admin.register(MediaFile)
class MediaFileAdmin(NotAdded, ModelAdmin):
    """Facts are read from the content, so there is nothing to type; files come in by
    the pages and the API.
    """

    list_display = (
        "original_name",
        "workspace",
        "kind",
        "mime",
        "size",
        "width",
        "height",
        "seconds",
        "created_at",
    )
    list_filter = ("kind", "mime", "workspace")
    list_select_related = ("workspace",)
    search_fields = ("original_name", "sha256")
    fields = (
        "workspace",
        "original_name",
        "file",
        "kind",
        "mime",
        "size",
        "width",
        "height",
        "seconds",
        "codec",
        "alt",
        "sha256",
        "created_at",
    )
    readonly_fields = fields


@admin.register(ContentItem)
class ContentItemAdmin(Exported, ModelAdmin):
    formfield_overrides = ADDRESSES
    actions = ("export_as_csv",)
    inlines = (MediaInline,)
    list_display = ("title", "workspace", "stage", "is_placeholder", "updated_at")
    list_filter = ("workspace", "stage", "is_placeholder")
    list_select_related = ("workspace",)
    search_fields = ("title", "caption")
    date_hierarchy = "updated_at"

    def view_on_site(self, item: ContentItem) -> str:
        return reverse("content-item", args=[item.pk])


class AttemptInline(NotAdded, TabularInline):
    model = Attempt
    extra = 0
    can_delete = False
    fields = ("number", "state", "worker", "claimed_at", "sent_at", "ended_at", "error")
    readonly_fields = fields


@admin.register(Post)
class PostAdmin(Exported, NotAdded, ModelAdmin):
    list_display = (
        "content",
        "account",
        "workspace",
        "state",
        "scheduled_at",
        "tries",
        "published_at",
    )
    list_filter = ("state", "workspace", "account__platform")
    list_select_related = ("content", "account", "workspace")
    search_fields = ("content__title", "account__name")
    date_hierarchy = "scheduled_at"
    inlines = (AttemptInline,)
    actions: tuple[str, ...] = ("post_now", "try_again", "cancel", "export_as_csv")
    fields = (
        "workspace",
        "account",
        "content",
        "caption_override",
        "format",
        "state",
        "scheduled_at",
        "due_at",
        "slot_date",
        "slot_time",
        "slot_zone",
        "tries",
        "published_at",
        "external_id",
        "url",
        "last_error",
        "platform_check",
    )
    readonly_fields = fields

    def view_on_site(self, post: Post) -> str:
        return reverse("post", args=[post.pk])

    @admin.action(description="Post now", permissions=["change"])
    def post_now(self, request: HttpRequest, chosen: QuerySet[Post]) -> None:
        """Send each now; what cannot be is told post by post."""
        through(self, request, chosen, on_post(posts.post_now), "On their way")

    @admin.action(description="Try failed posts again", permissions=["change"])
    def try_again(self, request: HttpRequest, chosen: QuerySet[Post]) -> None:
        """Schedule each failed one anew; what cannot be is told post by post."""
        through(self, request, chosen, on_post(posts.retry), "Scheduled again")

    @admin.action(description="Cancel", permissions=["change"])
    def cancel(self, request: HttpRequest, chosen: QuerySet[Post]) -> None:
        """Cancel each; what cannot be is told post by post."""
        through(self, request, chosen, on_post(posts.cancel), "Canceled")

    @admin.display(description="Fits the platform")
    def platform_check(self, post: Post) -> str:
        """What the platform would say of it, in words."""
        sentences = [
            f"{finding.level.capitalize()}: {finding.message}"
            for finding in findings(post)
        ]
        return " ".join(sentences) or "Yes"


@admin.register(OutboxPost)
class OutboxPostAdmin(NotAdded, ModelAdmin):
    list_display = ("title", "account", "went_live_at")
    list_select_related = ("account",)
    search_fields = ("title", "text")
    readonly_fields = ("dedupe_key", "account", "title", "text", "went_live_at")


@admin.register(Attempt)
class AttemptAdmin(NotAdded, ModelAdmin):
    """Every try to publish something; nothing here can be changed, unclear ones can be
    asked about.
    """

    list_display = (
        "post",
        "number",
        "state",
        "worker",
        "claimed_at",
        "sent_at",
        "ended_at",
        "questions",
        "error",
    )
    list_filter = ("state", "post__account__platform", "post__workspace")
    list_select_related = ("post__content", "post__account")
    search_fields = ("dedupe_key", "external_id", "error")
    date_hierarchy = "claimed_at"
    actions = ("ask_now",)
    fields = (
        "post",
        "number",
        "state",
        "dedupe_key",
        "worker",
        "claimed_at",
        "lease_until",
        "sent_at",
        "ended_at",
        "external_id",
        "url",
        "error",
        "questions",
        "next_question_at",
    )
    readonly_fields = fields

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.action(description="Ask the platform now what became of unclear posts")
    def ask_now(self, request: HttpRequest, chosen: QuerySet[Attempt]) -> None:
        """Ring for each unclear one among them."""
        unclear = chosen.filter(
            state=states.ATTEMPT_UNCERTAIN, post__state=states.UNCERTAIN
        )
        for post_id in unclear.values_list("post_id", flat=True):
            ring(resolve_post, str(post_id))
        self.message_user(request, f"{len(unclear)} are being asked about.")


class WritingSlotInline(NotAdded, TabularInline):
    model = WritingSlot
    extra = 0
    can_delete = False
    fields = ("post", "state", "content", "note")
    readonly_fields = fields


@admin.register(WritingRun)
class WritingRunAdmin(NotAdded, ModelAdmin):
    list_display = (
        "created_at",
        "workspace",
        "state",
        "started_by",
        "start",
        "end",
        "worker",
    )
    list_filter = ("state", "workspace")
    list_select_related = ("workspace", "started_by")
    inlines = (WritingSlotInline,)
    fields = (
        "workspace",
        "started_by",
        "state",
        "start",
        "end",
        "brief",
        "worker",
        "lease_until",
        "losses",
        "error",
        "ended_at",
    )
    readonly_fields = fields


class ImportedRowInline(NotAdded, TabularInline):
    model = ImportedRow
    extra = 0
    can_delete = False
    fields = ("number", "state", "note", "values")
    readonly_fields = fields


@admin.register(PostImport)
class PostImportAdmin(NotAdded, ModelAdmin):
    list_display = (
        "created_at",
        "workspace",
        "file_name",
        "state",
        "made_by",
        "approved",
        "worker",
    )
    list_filter = ("state", "workspace")
    list_select_related = ("workspace", "made_by")
    search_fields = ("file_name",)
    date_hierarchy = "created_at"
    inlines = (ImportedRowInline,)
    fields = (
        "workspace",
        "made_by",
        "file_name",
        "state",
        "zone",
        "approved",
        "places",
        "worker",
        "lease_until",
        "losses",
        "error",
        "ended_at",
    )
    readonly_fields = fields
