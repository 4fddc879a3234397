"""What stands in messages: the fields that several doors share, and how a time is written.  报文"""

from datetime import datetime
from typing import Annotated, Any, TypeVar

import msgspec
from litestar.params import Parameter
from msgspec import Meta

from huiquan.domain.coordinates import Datum
from huiquan.domain.days import SHANGHAI
from huiquan.domain.regions import Location
from huiquan.domain.rulebooks import Rulebook, max_face_fen, tiers_of

RequestKeyText = Annotated[str, Meta(pattern=r"^[!-~]{8,64}(?!\n)$")]
CampaignNumber = Annotated[int, Meta(ge=1, le=32_767)]
Line = Annotated[str, Meta(max_length=200)]
Device = Annotated[str, Meta(min_length=1, max_length=128)]
Login = Annotated[str, Meta(pattern=r"^[!-~]{1,64}(?!\n)$")]
Secret = Annotated[str, Meta(min_length=1, max_length=128)]

# The same bounds for what stands in an address.
AskedCampaign = Annotated[int | None, Parameter(query="campaign", ge=1, le=32_767)]


class Wire(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A message; a field nobody knows is refused."""


Message = TypeVar("Message", bound=Wire)


def alike(kind: type[Message], source: object, **others: Any) -> Message:
    """A message that says what a source has under the same names, times as answers write them;
    others are the fields that are said otherwise, or that the source does not have."""
    said: dict[str, Any] = {}
    for name in kind.__struct_fields__:
        if name not in others:
            value = getattr(source, name)
            said[name] = shanghai(value) if isinstance(value, datetime) else value
    return kind(**said, **others)


class SentLocation(Wire):
    """Where a phone says it is, with its datum."""

    lat: float
    lng: float
    accuracy_m: float
    datum: Datum
    mocked: bool
    taken_at: Annotated[datetime, Meta(tz=True)]

    def read(self) -> Location:
        """As the domain knows it."""
        return Location(
            lat=self.lat,
            lng=self.lng,
            accuracy_m=self.accuracy_m,
            datum=self.datum,
            mocked=self.mocked,
            taken_at=self.taken_at,
        )


class ShownTier(Wire):
    """One face value of a pack, in fen (面额档)."""

    tier: int
    face_fen: int
    threshold_fen: int


class ShownPack(Wire):
    """One pack (礼包)."""

    pack: int
    code: str
    name_zh: str
    name_en: str
    channel: str
    category: str
    max_face_fen: int
    tiers: list[ShownTier]


def shanghai(at: datetime) -> datetime:
    """A time as it is written in every answer: RFC 3339 with +08:00."""
    return at.astimezone(SHANGHAI)


def shown_packs(rulebook: Rulebook) -> list[ShownPack]:
    """The packs of a rulebook with their tiers (R1.2)."""
    return [
        ShownPack(
            pack=pack.number,
            code=pack.code,
            name_zh=pack.name_zh,
            name_en=pack.name_en,
            channel=pack.channel.value,
            category=pack.category.value,
            max_face_fen=max_face_fen(rulebook, pack.number),
            tiers=[
                ShownTier(
                    tier=tier.number, face_fen=tier.face_fen, threshold_fen=tier.threshold_fen
                )
                for tier in tiers_of(rulebook, pack.number)
            ],
        )
        for pack in rulebook.packs
    ]
