"""JSON Schemas of the bodies that are typed (`common.bodies`)."""

from __future__ import annotations

from copy import deepcopy
from functools import cache
from typing import Any

from drf_spectacular.plumbing import ComponentRegistry, ResolvedComponent
from pydantic import ConfigDict, TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema
from typing_extensions import get_original_bases, is_typeddict

Schema = dict[str, Any]
DESCRIBED_BELOW = ConfigDict(use_attribute_docstrings=True)
COMPONENT = "#/components/schemas/{model}"


class Generator(GenerateJsonSchema):
    """Fields without titles, which would only repeat their names; what a body has of
    another one is described as there.
    """

    def field_title_should_be_set(self, schema: Any) -> bool:
        """Never."""
        return False

    def typed_dict_schema(self, schema: core_schema.TypedDictSchema) -> JsonSchemaValue:
        """The schema with the descriptions of inherited fields."""
        made = super().typed_dict_schema(schema)
        made.pop("title", None)
        inherited = _inherited(schema.get("cls"))
        for name, field in made.get("properties", {}).items():
            described = inherited.get(name, {}).get("description")
            if described:
                field.setdefault("description", described)
        return made


def _inherited(body: Any) -> Schema:
    """The fields of those bodies that it has all fields of."""
    bases = [base for base in get_original_bases(body) if is_typeddict(base)]
    fields: Schema = {}
    for base in bases:
        _, parts = schema_of(base)
        fields |= parts[base.__name__]["properties"]
    return fields


@cache
def schema_of(body: Any) -> tuple[Schema, Schema]:
    """The schema of a type, and those of all bodies that it names."""
    # In a list each body stands under its own name, the outermost too.
    adapter: TypeAdapter[Any] = TypeAdapter(list[body], config=DESCRIBED_BELOW)
    whole = adapter.json_schema(
        mode="serialization",
        ref_template=COMPONENT,
        schema_generator=Generator,
    )
    return whole["items"], whole.get("$defs", {})


def registered(body: Any, registry: ComponentRegistry) -> Schema:
    """The schema of a type, with all that it names put into the document.

    Raises ValueError for two bodies of one name that are not the same.
    """
    # The document is finished in place, and made more than once.
    schema, parts = deepcopy(schema_of(body))
    for name, part in parts.items():
        component = ResolvedComponent(  # type: ignore[no-untyped-call]
            name=name,
            type=ResolvedComponent.SCHEMA,
            schema=part,
            object=name,
        )
        if component in registry and registry[component].schema != part:
            raise ValueError(f"There are two bodies named {name}.")
        registry.register_on_missing(component)
    return schema
