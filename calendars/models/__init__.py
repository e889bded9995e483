from calendars.models.bulk import BulkJob, BulkRow, BulkRun, VideoPlacement
from calendars.models.calendars import (
    CalendarItem,
    ClientContent,
    ContentCalendar,
    ScheduleAssignment,
)
from calendars.models.optimisation import OptimizationRun
from calendars.models.performance import HourResult, KpiEvent, WeekResult
from calendars.models.telling import CalendarEvent, Callback, CallbackSecret
from calendars.models.timing import PostingRhythm, Preferences, TimingRow
from calendars.models.trials import RecommendedScheduleSlot, Trial, TrialPost

__all__ = [
    "BulkJob",
    "BulkRow",
    "BulkRun",
    "CalendarEvent",
    "CalendarItem",
    "Callback",
    "CallbackSecret",
    "ClientContent",
    "ContentCalendar",
    "HourResult",
    "KpiEvent",
    "OptimizationRun",
    "PostingRhythm",
    "Preferences",
    "RecommendedScheduleSlot",
    "ScheduleAssignment",
    "TimingRow",
    "Trial",
    "TrialPost",
    "VideoPlacement",
    "WeekResult",
]
