from fillplanner.models.configs import ConfigTemplate
from fillplanner.models.notices import Delivery, NoticeTarget
from fillplanner.models.plans import Plan, PlanQuerySet, PlanResult

__all__ = ["ConfigTemplate", "Delivery", "NoticeTarget", "Plan", "PlanQuerySet", "PlanResult"]
