"""The content calendar library's names over our services: a script written for it runs
here, for real accounts.

People are named as they sign in (user name or e-mail address) and must exist; each sees
and changes what they may. A manager without a name to go by acts for whoever it was
told of first.
"""

from __future__ import annotations

from calendars.library.analytics import CalendarAnalyticsEngine
from calendars.library.generator import (
    CrossPlatformCoordinator,
    ScheduleGenerator,
    integrate_with_bulk_job_workflow,
)
from calendars.library.manager import ContentCalendarManager
from calendars.library.shapes import (
    CalendarAnalytics,
    ContentCalendar,
    ContentFormat,
    ContentScheduleItem,
    ExceptionType,
    LeftOut,
    OptimizationTrial,
    PerformanceKPIEvent,
    PlatformId,
    PlatformTimingData,
    ScheduleAssignment,
    ScheduledItems,
    ScheduleException,
    ScheduleStatus,
    UserSchedulingPreferences,
)
from calendars.library.trials import (
    create_optimization_trial,
    get_optimization_trial,
    start_optimization_trial,
)

__all__ = [
    "CalendarAnalytics",
    "CalendarAnalyticsEngine",
    "ContentCalendar",
    "ContentCalendarManager",
    "ContentFormat",
    "ContentScheduleItem",
    "CrossPlatformCoordinator",
    "ExceptionType",
    "LeftOut",
    "OptimizationTrial",
    "PerformanceKPIEvent",
    "PlatformId",
    "PlatformTimingData",
    "ScheduleAssignment",
    "ScheduleException",
    "ScheduleGenerator",
    "ScheduleStatus",
    "ScheduledItems",
    "UserSchedulingPreferences",
    "create_optimization_trial",
    "get_optimization_trial",
    "integrate_with_bulk_job_workflow",
    "start_optimization_trial",
]
