"""What can be done. Each takes one request, as its REST counterpart does."""

from __future__ import annotations

from typing import Annotated

import strawberry

from common.edits import Version
from common.mappings import JsonObject
from fillplanner.api import comparisons as comparison_doors
from fillplanner.api import configs as template_doors
from fillplanner.api import plans as plan_doors
from fillplanner.api.repeats import rerun_once
from fillplanner.graphql.caller import Info
from fillplanner.graphql.inputs import (
    ComparisonId,
    ComparisonInput,
    ConfigTemplateChanges,
    ConfigTemplateInput,
    Key,
    PlanChanges,
    PlanId,
    PlanInput,
    TemplateId,
    body_of,
    number_of,
)
from fillplanner.graphql.queries import (
    NO_COMPARISON,
    NO_PLAN,
    NO_TEMPLATE,
    read_outcomes,
)
from fillplanner.graphql.types import (
    ComparisonNode,
    ConfigTemplateNode,
    PlanNode,
    comparison_of,
    plan_of,
    template_of,
)
from fillplanner.selectors import access_comparison, access_plan, own_template
from fillplanner.services import comparisons, configs, plans

Wanted = Annotated[PlanInput, strawberry.argument(description="What is to be planned.")]
Again = Annotated[
    PlanChanges | None,
    strawberry.argument(description="What is to be different; null for nothing."),
]
Compared = Annotated[
    ComparisonInput, strawberry.argument(description="What is to be compared.")
]
Kept = Annotated[
    ConfigTemplateInput, strawberry.argument(description="What is to be kept.")
]
Changed = Annotated[
    ConfigTemplateChanges,
    strawberry.argument(description="What is to be different."),
]
Expected = Annotated[
    str | None,
    strawberry.argument(
        description="The `version` that was read: another is not changed."
    ),
]


@strawberry.type(description="What can be done; one after the other, in their order.")
class Mutation:
    @strawberry.mutation(
        description="Check the lots and start planning; the answer comes before the plan."
    )
    def create_plan(
        self, info: Info, input: Wanted, idempotency_key: Key = None
    ) -> PlanNode:
        user = info.context.writing()
        request = plan_doors.body_of(body_of(input))
        reply = plan_doors.create_once(user, request, idempotency_key)
        return plan_of(access_plan(user, reply.body["id"]))

    @strawberry.mutation(
        description="End a plan that is not finished; it counts as failed then."
    )
    def cancel_plan(self, info: Info, id: PlanId) -> PlanNode:
        user = info.context.writing()
        plan = plans.cancel(user, number_of(id, NO_PLAN))
        return plan_of(plan)

    @strawberry.mutation(
        description="Plan the same lots once more, maybe by other means: a new plan."
    )
    def rerun_plan(
        self,
        info: Info,
        id: PlanId,
        changes: Again = None,
        idempotency_key: Key = None,
    ) -> PlanNode:
        user = info.context.writing()
        number = number_of(id, NO_PLAN)
        body = body_of(changes) if changes else {}
        reply = rerun_once(user, number, body, idempotency_key)
        return plan_of(access_plan(user, reply.body["id"]))

    @strawberry.mutation(
        description="Delete a plan with its result; answers its number."
    )
    def delete_plan(self, info: Info, id: PlanId) -> strawberry.ID:
        plans.delete_plan(info.context.writing(), number_of(id, NO_PLAN))
        return id

    @strawberry.mutation(
        description="Plan the lots by each strategy; the answer comes before the plans."
    )
    def create_comparison(
        self, info: Info, input: Compared, idempotency_key: Key = None
    ) -> ComparisonNode:
        user = info.context.writing()
        request = comparison_doors.body_of(body_of(input))
        reply = comparison_doors.create_once(user, request, idempotency_key)
        comparison = comparison_of(access_comparison(user, reply.body["id"]))
        read_outcomes(info, [comparison])
        return comparison

    @strawberry.mutation(
        description="End what is not finished; with a result it counts as completed."
    )
    def cancel_comparison(self, info: Info, id: ComparisonId) -> ComparisonNode:
        user = info.context.writing()
        row = comparisons.cancel(user, number_of(id, NO_COMPARISON))
        comparison = comparison_of(row)
        read_outcomes(info, [comparison])
        return comparison

    @strawberry.mutation(
        description="Delete a comparison with its plans; answers its number."
    )
    def delete_comparison(self, info: Info, id: ComparisonId) -> strawberry.ID:
        user = info.context.writing()
        comparisons.delete(user, number_of(id, NO_COMPARISON))
        return id

    @strawberry.mutation(description="Keep a config template.")
    def create_config_template(
        self, info: Info, input: Kept, idempotency_key: Key = None
    ) -> ConfigTemplateNode:
        user = info.context.writing()
        values = read(template_doors.NewTemplate, body_of(input))
        reply = template_doors.keep_once(user, "configs", values, idempotency_key)
        return template_of(own_template(user, reply.body["id"]))

    @strawberry.mutation(description="Change some of one's own config template.")
    def change_config_template(
        self,
        info: Info,
        id: TemplateId,
        changes: Changed,
        expected_version: Expected = None,
    ) -> ConfigTemplateNode:
        user = info.context.writing()
        number = number_of(id, NO_TEMPLATE)
        values = read(template_doors.ChangedTemplate, body_of(changes))
        version = Version.read(expected_version) if expected_version else None
        return template_of(configs.change(user, number, values, version))

    @strawberry.mutation(
        description="Delete one's own config template; answers its number."
    )
    def delete_config_template(self, info: Info, id: TemplateId) -> strawberry.ID:
        configs.delete(info.context.writing(), number_of(id, NO_TEMPLATE))
        return id

    @strawberry.mutation(
        description="New plans begin with this one's own config template from now on."
    )
    def set_default_config_template(
        self, info: Info, id: TemplateId
    ) -> ConfigTemplateNode:
        user = info.context.writing()
        return template_of(configs.set_default(user, number_of(id, NO_TEMPLATE)))

    @strawberry.mutation(
        description="Have no default config template any more; answers true."
    )
    def unset_default_config_template(self, info: Info) -> bool:
        configs.unset_default(info.context.writing())
        return True


def read(
    shape: type[template_doors.NewTemplate | template_doors.ChangedTemplate],
    body: JsonObject,
) -> JsonObject:
    """The fields of a body. Raises ValidationError by their names."""
    fields = shape(data=body)
    fields.is_valid(raise_exception=True)
    return dict(fields.validated_data)
