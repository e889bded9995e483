from calendars.models.optimisation import OptimizationRun
from calendars.models.performance import HourResult, KpiEvent
from calendars.models.timing import PostingRhythm, Preferences, TimingRow

__all__ = ["HourResult", "KpiEvent", "OptimizationRun", "PostingRhythm", "Preferences", "TimingRow"]
