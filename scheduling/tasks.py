"""Where Celery looks for the app's tasks: each feature has its own."""

from scheduling.channels import tasks as channels
from scheduling.imports import tasks as imports
from scheduling.publishing import tasks as publishing
from scheduling.writing import tasks as writing

__all__ = ["channels", "imports", "publishing", "writing"]
