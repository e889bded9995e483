from fillplanner.models.comparisons import Comparison, ComparisonQuerySet
from fillplanner.models.configs import ConfigTemplate
from fillplanner.models.notices import Delivery, NoticeTarget
from fillplanner.models.plans import Plan, PlanQuerySet, PlanResult

__all__ = [
    "Comparison",
    "ComparisonQuerySet",
    "ConfigTemplate",
    "Delivery",
    "NoticeTarget",
    "Plan",
    "PlanQuerySet",
    "PlanResult",
]
