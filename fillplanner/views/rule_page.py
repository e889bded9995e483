"""What pages share on which a line's rules are edited: fields, rows, and a table of types."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Generic, TypeVar

from common.zones import zone_names
from fillplanner.forms import RuleFields
from fillplanner.rules import matrix, rule_tables

Form = TypeVar("Form", bound=RuleFields)


@dataclass
class RulePage(Generic[Form]):
    """`more` is what is to be typed in next: the table of rules that another row was
    asked for, or the types.
    """

    form: Form
    typed: matrix.TypedHours
    editor: matrix.Matrix
    rules: rule_tables.TypedRows
    more: str = ""
    TABLES: ClassVar[Sequence[str]] = rule_tables.KEYS

    @property
    def rule_groups(self) -> list[rule_tables.Group]:
        """The tables of rules, by their headings."""
        return rule_tables.groups(self.rules, self.more, self.TABLES)

    @property
    def zones(self) -> tuple[str, ...]:
        """Those to choose from, with the line's own, which may be another."""
        names = zone_names()
        return names if self.rules.zone in names else (self.rules.zone, *names)

    def tell_faults(self) -> None:
        """Judge the rows, and note on the form what is wrong in them and in the table of types."""
        self.rules.judge()
        for text in (*self.typed.faults.values(), *self.rules.messages()):
            self.form.add_error(None, text)
