"""How large a query may be: measured before anything of it is checked or done.

An answer has so many values at most: each field counts one, and what is within a list
counts as often as the list can be long. That is `pageSize` or `limit` where the field
takes one; other lists are as long as there are strategies. Fragments count at each place
where they are used.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLField,
    GraphQLList,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    ValueNode,
    VariableNode,
    Visitor,
    get_named_type,
    get_nullable_type,
    visit,
)
from strawberry.extensions import SchemaExtension

from common.mappings import Values
from fillplanner.planning.strategies import STRATEGIES

MOST_TOKENS = 1000
MOST_LEVELS = 16
MOST_ALIASES = 20
MOST_DIGITS = 100
MOST_VALUES = 20_000
SIZES = ("pageSize", "limit")
# All activities of a plan are read, however few of them are shown.
COSTS = {"activities": 100, "activitiesCount": 100}
# The rows of a page: its field has counted them.
COUNTED = "items"


@dataclass(frozen=True)
class Measure:
    """How large a part of a query is."""

    levels: int = 0
    aliases: int = 0
    values: int = 0

    def within(self, times: int, *, has_alias: bool, cost: int = 1) -> Measure:
        """Of a field whose value has this in it so many times.

        cost: how many values the field itself counts as.
        """
        return Measure(
            1 + self.levels,
            self.aliases + has_alias,
            cost + times * self.values,
        )


def total(parts: Iterator[Measure]) -> Measure:
    """Of parts beside each other."""
    levels = aliases = values = 0
    for part in parts:
        levels = max(levels, part.levels)
        aliases += part.aliases
        values += part.values
    return Measure(levels, aliases, values)


class Ruler:
    """Measures the operations of a document, each fragment once for each of them:
    operations give the same variables other values.
    """

    def __init__(
        self, schema: GraphQLSchema, document: DocumentNode, variables: Values
    ) -> None:
        self.schema = schema
        self.document = document
        self.sent = variables
        self.variables: Values = {}
        self.operations: list[OperationDefinitionNode] = []
        self.fragments: dict[str, FragmentDefinitionNode] = {}
        self.measured: dict[str, Measure] = {}
        for node in document.definitions:
            if isinstance(node, OperationDefinitionNode):
                self.operations.append(node)
            elif isinstance(node, FragmentDefinitionNode):
                self.fragments[node.name.value] = node

    def measure(self) -> Measure:
        """All operations together: of several only one is done."""
        return total(map(self.operation, self.operations))

    def operation(self, node: OperationDefinitionNode) -> Measure:
        """Of one operation, with what its variables are when they are not sent."""
        defaults = {
            definition.variable.name.value: number
            for definition in node.variable_definitions or ()
            if (number := literal(definition.default_value)) is not None
        }
        self.variables = defaults | dict(self.sent)
        self.measured = {}
        root = self.schema.get_root_type(node.operation)
        return self.selection(node.selection_set, root)

    def selection(
        self, node: SelectionSetNode | None, parent: GraphQLNamedType | None
    ) -> Measure:
        """Of what is selected of a type; None for a type that is not known."""
        nodes = node.selections if node else ()
        return total(self.part(part, parent) for part in nodes)

    def part(self, node: SelectionNode, parent: GraphQLNamedType | None) -> Measure:
        """Of one thing that is selected."""
        if isinstance(node, FieldNode):
            return self.field(node, parent)
        if isinstance(node, FragmentSpreadNode):
            return self.fragment(node.name.value)
        if isinstance(node, InlineFragmentNode):
            return self.selection(node.selection_set, parent)
        return Measure()

    def fragment(self, name: str) -> Measure:
        """Of a named fragment; nothing of one that is not there or holds itself."""
        definition = self.fragments.get(name)
        if definition is None:
            return Measure()
        if name not in self.measured:
            self.measured[name] = Measure()
            kind = self.schema.get_type(definition.type_condition.name.value)
            self.measured[name] = self.selection(definition.selection_set, kind)
        return self.measured[name]

    def field(self, node: FieldNode, parent: GraphQLNamedType | None) -> Measure:
        """Of a field with what is selected of its value."""
        fields = parent.fields if isinstance(parent, GraphQLObjectType) else {}
        field = fields.get(node.name.value)
        kind = get_named_type(field.type) if field else None
        times = self.times(node, field) if field else 1
        inner = self.selection(node.selection_set, kind)
        cost = COSTS.get(node.name.value, 1)
        return inner.within(times, has_alias=node.alias is not None, cost=cost)

    def times(self, node: FieldNode, field: GraphQLField) -> int:
        """How often the field's value can have what is selected of it."""
        size = next((name for name in SIZES if name in field.args), None)
        if size is not None:
            usual: int = field.args[size].default_value
            given = {named.name.value: named.value for named in node.arguments or ()}
            return self.number(given.get(size), usual)
        is_list = isinstance(get_nullable_type(field.type), GraphQLList)
        return len(STRATEGIES) if is_list and node.name.value != COUNTED else 1

    def number(self, node: ValueNode | None, usual: int) -> int:
        """What an argument is; the usual number where it is none, which is refused later."""
        value: object = literal(node)
        if isinstance(node, VariableNode):
            value = self.variables.get(node.name.value)
        if isinstance(value, float) and value.is_integer():
            # JSON has one kind of number: 100.0 is an Int, too.
            value = int(value)
        return max(1, value) if isinstance(value, int) else usual


def literal(node: ValueNode | None) -> int | None:
    """The number that is written there; None for anything else."""
    return int(node.value) if isinstance(node, IntValueNode) else None


class AnswerLimits(SchemaExtension):
    """Refuses what is too large before it is checked: checking takes time, too."""

    def on_validate(self) -> Iterator[None]:
        """Raises nothing; what is refused counts as checked."""
        context = self.execution_context
        document = context.graphql_document
        if document is not None:
            core = context.schema._schema
            ruler = Ruler(core, document, context.variables or {})
            errors = [GraphQLError(text) for text in faults(ruler)]
            context.pre_execution_errors = errors or None
        yield


def faults(ruler: Ruler) -> list[str]:
    """What is too much; of what is nested too deeply to be measured, just that."""
    if has_long_number(ruler.document):
        return [f"A number of the query has more than {MOST_DIGITS} digits."]
    try:
        measure = ruler.measure()
    except RecursionError:
        return [
            f"The query is nested too deeply. At most {MOST_LEVELS} levels are allowed."
        ]
    return list(refusals(measure))


class NumberWatch(Visitor):
    """Looks for numbers that are too long to be read."""

    def __init__(self) -> None:
        super().__init__()
        self.has_found = False

    def enter_int_value(self, node: IntValueNode, *_place: object) -> None:
        """Whether this is one."""
        self.has_found = self.has_found or len(node.value) > MOST_DIGITS


def has_long_number(document: DocumentNode) -> bool:
    """Whether there is one anywhere."""
    watch = NumberWatch()
    visit(document, watch)
    return watch.has_found


def refusals(measure: Measure) -> Iterator[str]:
    """What is too much, each with what is allowed."""
    if measure.levels > MOST_LEVELS:
        yield f"The query has {measure.levels} levels. At most {MOST_LEVELS} are allowed."
    if measure.aliases > MOST_ALIASES:
        yield f"The query has {measure.aliases} aliases. At most {MOST_ALIASES} are allowed."
    if measure.values > MOST_VALUES:
        yield (
            f"The answer could have {measure.values:,} values. At most {MOST_VALUES:,} "
            "are allowed: ask for fewer fields or smaller pages."
        )
