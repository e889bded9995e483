"""The schema: what can be asked and done, within limits."""

from __future__ import annotations

import strawberry
from strawberry.extensions import MaxTokensLimiter
from strawberry.types import ExecutionContext

from fillplanner.graphql.limits import MOST_TOKENS, AnswerLimits
from fillplanner.graphql.mutations import Mutation
from fillplanner.graphql.queries import Query


class Schema(strawberry.Schema):
    """Its errors are logged where they are told (`errors.told`), if they have to be."""

    def process_errors(
        self, errors: object, execution_context: ExecutionContext | None = None
    ) -> None:
        """Nothing: most errors are the caller's."""


schema = Schema(
    query=Query,
    mutation=Mutation,
    extensions=[
        lambda: MaxTokensLimiter(max_token_count=MOST_TOKENS),
        AnswerLimits,
    ],
)
