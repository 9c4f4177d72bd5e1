"""The calls of the sample world with all that hangs on them, made in batches; keeps no more than one batch."""

from collections.abc import Iterator, Mapping
from datetime import date

from sqlalchemy import Table

from dev.bulk_load import Row, batches
from dev.sample_data._call_rows import call_row, has_events
from dev.sample_data._chance import identity, skewed, stream
from dev.sample_data._event_rows import EventContext, event_rows
from dev.sample_data._evidence_rows import Devices, photo_rows, survey_rows
from dev.sample_data._merchants import merchants
from dev.sample_data._people import Crew
from dev.sample_data._story import Calendar, Order, Story
from dev.sample_data._telling import tell
from dev.sample_data._volume import DAYS_BEFORE, day_counts
from shared.tables import call_devices, call_events, calls, customer_surveys, photos

_BATCH = 500


class Calls:
    """All calls of one world, by number of calls, seed and calendar; photos take their sizes from `sizes`."""

    def __init__(self, count: int, seed: int, calendar: Calendar, sizes: Mapping[str, int]) -> None:
        """Makes nothing yet."""
        self._count, self._seed, self._calendar, self._sizes = count, seed, calendar, sizes
        self._crew, self._chance = Crew(), stream("calls", seed)
        self._first_year = date.fromordinal(calendar.until.toordinal() - DAYS_BEFORE).year
        self.devices = Devices(count)

    def batches(self) -> Iterator[Mapping[Table, list[Row]]]:
        """Rows by table, calls before all that refers to them."""
        for orders in batches(self._orders(), _BATCH):
            rows: dict[Table, list[Row]] = {
                each: [] for each in (calls, call_events, photos, call_devices, customer_surveys)
            }
            for order in orders:
                self._add(rows, tell(self._chance, order, self._crew, self._calendar))
            yield rows

    def _orders(self) -> Iterator[Order]:
        """The calls in the order of their days."""
        served = merchants(stream("merchants", self._seed), self._count)
        number = 0
        for day, bank, count in day_counts(stream("days", self._seed), self._count, self._calendar.until):
            for _ in range(count):
                yield Order(number, day, bank, skewed(self._chance, served[bank]))
                number += 1

    def _add(self, rows: Mapping[Table, list[Row]], story: Story) -> None:
        chance, now, call_id = self._chance, self._calendar.now, identity("call", self._seed, story.order.number)
        taken = photo_rows(chance, story, call_id, self._sizes, now)
        rows[calls].append(call_row(chance, story, call_id, self._first_year))
        rows[photos].extend(taken)
        rows[call_devices].extend(self.devices.call_rows(chance, story, call_id))
        rows[customer_surveys].extend(survey_rows(chance, story, call_id, now))
        if has_events(story.order.number):
            uploads = tuple(photo["uploaded_at"] for photo in taken)
            rows[call_events].extend(event_rows(chance, story, EventContext(call_id, uploads, now)))
