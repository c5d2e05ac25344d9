"""What all sections are made of: numbers in their ranges, names, and a strict mapping."""

import re
from collections.abc import Callable, Iterable
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)
from pydantic_core import InitErrorDetails, PydanticCustomError

Rate = Annotated[float, Field(ge=0, le=1)]
Share = Annotated[float, Field(gt=0, lt=1)]
Positive = Annotated[float, Field(gt=0)]
NonNegative = Annotated[float, Field(ge=0)]
Count = Annotated[int, Field(ge=1)]
NAME_PATTERN = r"^[a-z0-9_][a-z0-9_-]*$"  # no dot: DVC would look one level deeper
Name = Annotated[str, Field(pattern=NAME_PATTERN)]


def faults(check: Callable[[], None]) -> list[str]:
    """What a check says that fails, line by line."""
    try:
        check()
    except ValueError as error:
        return str(error).split("\n")
    return []


def together(checks: Iterable[Callable[[], None]]) -> None:
    """ValueError with what all checks say that fail."""
    if found := [line for check in checks for line in faults(check)]:
        raise ValueError("\n".join(found))


def unique(values: list) -> list:
    repeated = [value for value in values if values.count(value) > 1]
    if repeated:
        raise ValueError(f"{repeated[0]!r} stands there twice")
    return values


def rising(values: list) -> list:
    if values != sorted(set(values)):
        raise ValueError(f"{values} do not rise; allowed: each larger than the one before")
    return values


def allowed(names: Any) -> str:
    """What an error message says of the names that there are."""
    return "allowed: " + ", ".join(sorted(names))


def text(pattern: str, said: str) -> Any:
    """Text that is `pattern` from beginning to end; `said` tells in words what that is."""

    def fits(value: str) -> str:
        if not re.fullmatch(pattern, value):
            raise ValueError(f"allowed: {said}")
        return value

    return Annotated[str, AfterValidator(fits), Field(json_schema_extra={"pattern": f"^({pattern})$"})]


def _switched_on(values: Any) -> Any:
    """A mapping without its nulls, by which a preset switches off what params.yaml has."""
    return {key: of for key, of in values.items() if of is not None} if isinstance(values, dict) else values


SwitchedOn = BeforeValidator(_switched_on)
Rates = Annotated[list[Rate], Field(min_length=1), AfterValidator(unique)]
Cells = Annotated[dict[Name, Rates], SwitchedOn]  # noise model -> nominal rates
Pair = Annotated[list[Name], Field(min_length=2, max_length=2), AfterValidator(unique)]


def _fault(kind: str, said: str, value: Any, place: tuple = (), context: dict | None = None) -> InitErrorDetails:
    """As pydantic takes one."""
    return InitErrorDetails(type=PydanticCustomError(kind, said, context), loc=place, input=value)


class Section(BaseModel):
    """A mapping of params.yaml: frozen, strictly typed, without unknown keys."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)

    @classmethod
    def known_keys(cls) -> Iterable[str]:
        """What people may write."""
        return cls.model_fields

    @model_validator(mode="wrap")
    @classmethod
    def _check_keys(cls, values: Any, handler: Any) -> Any:
        """Unknown keys say what is known, and hide no other fault."""
        unknown = [key for key in values if key not in cls.model_fields] if isinstance(values, dict) else []
        if not unknown:
            return handler(values)
        names = ", ".join(cls.known_keys()) or "none"
        found = [_fault("unknown_key", f"unknown key {str(key)!r}; allowed: {names}", values) for key in unknown]
        try:
            handler({key: value for key, value in values.items() if key in cls.model_fields})
        except ValidationError as error:
            found += [
                _fault(of["type"], of["msg"], of["input"], of["loc"], of.get("ctx")) for of in error.errors()
            ]
        raise ValidationError.from_exception_data(cls.__name__, found)
