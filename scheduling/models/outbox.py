"""The outbox: a local feed that stands in for a platform."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models

from scheduling.models.channels import ChannelAccount
from scheduling.models.media import MediaFile, described


class OutboxPost(models.Model):
    """One thing that went live in the outbox; the dedupe key is unique, as on a
    platform that takes one.
    """

    dedupe_key = models.CharField(max_length=80, unique=True)
    account = models.ForeignKey(
        ChannelAccount, on_delete=models.CASCADE, related_name="outbox_posts"
    )
    title = models.CharField(max_length=200)
    text = models.TextField()
    media = models.ManyToManyField(MediaFile, related_name="outbox_posts")
    # As they went out, by the ids of the files.
    alternative_texts = models.JSONField(default=dict, blank=True)
    went_live_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["-went_live_at"]
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["account", "-went_live_at"], name="outbox_newest")
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def files(self) -> list[MediaFile]:
        """What went out with it, with the alternative texts of then."""
        texts = self.alternative_texts
        return [
            described(file, texts.get(str(file.pk), "")) for file in self.media.all()
        ]
