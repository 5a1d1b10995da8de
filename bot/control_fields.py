"""What each action of the command line's door takes: the fields, their types and their bounds."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from bot.model.events import LONGEST_TEXT, cleaned

MOST_SEEN = 1_000_000
MOST_FEN = 10**12
Id = Annotated[str, Field(min_length=1, max_length=200)]
Words = Annotated[str, Field(max_length=LONGEST_TEXT), AfterValidator(cleaned)]


class FieldsError(Exception):
    """The fields are not those of the action; the text names each that is wrong."""


class Fields(BaseModel):
    """`request` names the call: one that comes again with the same changes nothing more."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)
    request: Id | None = None


class ListCases(Fields):
    all: bool = False


class OfCase(Fields):
    number: Id
    agent: Id


class ShowCase(OfCase):
    text: bool = False


class GetEvidence(OfCase):
    original: bool


class OfSetAside(Fields):
    id: Id


class Nothing(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")


class Approval(Nothing):
    amount: int = Field(ge=-MOST_FEN, le=MOST_FEN)
    anyway: bool = False


class Rejection(Nothing):
    reason: Words
    next: Words


class Said(Nothing):
    text: Words


DECISIONS: Mapping[str, type[BaseModel]] = {
    "approve": Approval,
    "reject": Rejection,
    "ask": Said,
    "refunded": Nothing,
    "reply": Said,
}


class Act(OfCase):
    action: Literal["approve", "reject", "ask", "refunded", "reply"]
    seen: int | None = Field(None, ge=0, le=MOST_SEEN)
    fields: dict[str, Any]


ACTIONS: Mapping[str, type[Fields]] = {
    "case.list": ListCases,
    "case.show": ShowCase,
    "case.act": Act,
    "evidence.pack": OfCase,
    "evidence.get": GetEvidence,
    "setaside.list": Fields,
    "setaside.show": OfSetAside,
    "setaside.retry": OfSetAside,
    "setaside.drop": OfSetAside,
}


def fields_of(action: str, raw: Any) -> dict[str, Any]:
    """Return the fields that were sent, of the types that the action takes. Raises FieldsError."""
    try:
        fields = ACTIONS[action].model_validate(raw)
        sent = fields.model_dump(exclude_unset=True)
        if isinstance(fields, Act):
            sent["fields"] = DECISIONS[fields.action].model_validate(fields.fields).model_dump(exclude_unset=True)
    except ValidationError as error:
        raise FieldsError("; ".join(problem_of(one) for one in error.errors(include_input=False))) from None
    return sent


def problem_of(error: Any) -> str:
    name = ".".join(str(part) for part in error["loc"])
    return f"{name}: {error['msg']}" if name else error["msg"]
