"""Rows of `photos`, `devices`, `call_devices` and `customer_surveys` from stories."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from random import Random

from dev.bulk_load import Row
from dev.sample_data import _remarks as remarks
from dev.sample_data._chance import happens, identity, weighted
from dev.sample_data._jpegs import photo_names
from dev.sample_data._people import BANKS
from dev.sample_data._story import Story
from shared.tables import PHOTO_KINDS

_MODELS = (
    "Countertop C210",
    "Countertop C480 Wi-Fi",
    "Portable P60",
    "Portable P75 4G",
    "Pocket mini",
    "Android A9 Pro",
)
_DEVICE_STATES = weighted(("active", 80), ("in stock", 9), ("faulty", 6), ("returned", 5))
_KINDS = {
    "installation": weighted(("installation", 6), ("signature", 3), ("other", 1)),
    "swap": weighted(("before", 4), ("after", 4), ("signature", 1)),
    "maintenance": weighted(("before", 2), ("after", 3), ("other", 3)),
    "breakdown": weighted(("before", 3), ("after", 3), ("other", 2)),
    "deinstallation": weighted(("final", 5), ("signature", 1), ("other", 1)),
}
_PHOTOS_EACH = weighted((0, 26), (1, 24), (2, 26), (3, 15), (4, 6), (6, 2), (14, 1))
_ROLES = {
    "installation": ("installed",),
    "swap": ("old", "new"),
    "maintenance": ("serviced",),
    "breakdown": ("serviced",),
    "deinstallation": ("removed",),
}
_RATINGS = weighted((5, 44), (4, 27), (3, 14), (2, 9), (1, 6))
_PARTS_OF_RATING = ("installation_quality", "engineer_professionalism", "timeliness", "device_functionality")
_NAMES = {kind: photo_names(kind) for kind in PHOTO_KINDS}


def photo_rows(chance: Random, story: Story, call_id: str, sizes: Mapping[str, int], now: datetime) -> list[Row]:
    """The photos of a visit, up to `now`; the rows of the world share the stored files, whose `sizes` are given."""
    if story.started is None or story.engineer is None or (story.completed is None and happens(chance, 70)):
        return []
    span = (story.completed - story.started) if story.completed else timedelta(minutes=4)
    rows = []
    for place in range(chance.choice(_PHOTOS_EACH)):
        kind = chance.choice(_KINDS[story.type])
        path = chance.choice(_NAMES[kind])
        taken = min(_whole(story.started + span * chance.random()), now)
        rows.append(
            {
                "id": identity("photo", call_id, place),
                "call_id": call_id,
                "storage_path": path,
                "kind": kind,
                "file_size": sizes[path],
                "content_type": "image/jpeg",
                "taken_at": taken if happens(chance, 97) else None,
                "uploaded_at": min(taken + timedelta(seconds=chance.randrange(5, 120)), now),
                "uploaded_by": story.engineer.id,
            }
        )
    return rows


class Devices:
    """The devices of all banks, by number: their ids follow from it, so that none has to be kept."""

    def __init__(self, calls: int) -> None:
        """As many as there may be for so many calls, each bank's share of them alike."""
        self.count = max(len(BANKS), calls // 2 // len(BANKS) * len(BANKS))

    def rows(self, chance: Random) -> Iterator[Row]:
        """Rows of `devices`."""
        for number in range(self.count):
            yield {
                "id": identity("device", number),
                "serial_number": f"{number * 48271 % 10**10:012}",
                "model": chance.choice(_MODELS) if happens(chance, 99) else None,
                "status": chance.choice(_DEVICE_STATES),
                "bank_id": BANKS[number % len(BANKS)].id,
            }

    def call_rows(self, chance: Random, story: Story, call_id: str) -> list[Row]:
        """Rows of `call_devices`: of calls that were completed, and of some that were not."""
        if not happens(chance, 94 if story.completed else 20):
            return []
        roles = _ROLES[story.type]
        return [
            {"call_id": call_id, "device_id": identity("device", number), "role": role}
            for role, number in zip(roles, self._pick(chance, story, len(roles)), strict=True)
        ]

    def _pick(self, chance: Random, story: Story, many: int) -> Sequence[int]:
        """Neighbours among the devices of the call's bank."""
        bank = BANKS.index(story.order.bank) if story.order.bank else 0
        of_bank = self.count // len(BANKS)
        first = chance.randrange(of_bank)
        return [(first + step) % of_bank * len(BANKS) + bank for step in range(many)]


def survey_rows(chance: Random, story: Story, call_id: str, now: datetime) -> list[Row]:
    """The survey of a completed call, mostly of an installation, when it was answered before `now`."""
    if story.completed is None or not happens(chance, 38 if story.type == "installation" else 5):
        return []
    answered = _whole(story.completed + timedelta(days=6) * chance.random() + timedelta(minutes=30))
    if answered >= now:
        return []
    rating = chance.choice(_RATINGS)
    return [
        {
            "id": identity("survey", call_id),
            "call_id": call_id,
            "survey_date": answered,
            "overall_rating": rating,
            **{part: _part(chance, rating) for part in _PARTS_OF_RATING},
            "would_recommend": None if happens(chance, 4) else rating > chance.choice((2, 3, 3)),
            "comments": chance.choice(remarks.COMMENTS[rating]),
            "metadata": {"channel": chance.choice(("sms", "phone", "e-mail"))} if happens(chance, 80) else None,
            "created_at": answered,
        }
    ]


def _part(chance: Random, rating: int) -> int | None:
    """A rating near the overall one, or none."""
    return None if happens(chance, 4) else max(1, min(5, rating + chance.randrange(-1, 2)))


def _whole(at: datetime) -> datetime:
    return at.replace(microsecond=0)
