"""The merchants of the sample world, with names and addresses of many scripts and some that are hard on a file."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random

from dev.sample_data._chance import happens, weighted
from dev.sample_data._people import BANKS, LAST_NAMES, Bank, person_name
from dev.sample_data._places import CITIES, City

_MOST_MERCHANTS = 6_000
_ODD_EVERY = 23
_SHOPS = (
    "Kirana Store", "General Stores", "Textiles", "Sarees", "Jewellers", "Medicals", "Pharmacy", "Sweets & Snacks",
    "Bakery", "Mobile World", "Electronics", "Hardware", "Stationers", "Book Depot", "Opticals", "Footwear",
    "Supermarket", "Provision Store", "Auto Spares", "Petroleum", "Residency", "Family Restaurant", "Tiffin Room",
    "Fancy Store", "Furniture Mart", "Dental Clinic", "Salon & Spa", "Tyres",
)  # fmt: skip
_PREFIXES = ("Sri Lakshmi", "New", "Royal", "Shree Ganesh", "City", "Anand", "Al-Noor", "Om Sai", "Modern", "Annapurna")
_STREETS = ("MG Road", "Station Road", "Gandhi Chowk", "Market Road", "Temple Street", "Nehru Marg", "Mill Road")
_ODD_NAMES = (
    "=SUM(A1:A9) Traders",
    "+91 Mobile World",
    "-20% Discount Store",
    "@Home Décor",
    'Raj "The King" Sarees, Dharavi',
    "Two Lines Stores\n(formerly One Line)",
    "Chai ☕ & Samosa 🥟 Point",
    "काशी वस्त्र भंडार",
    "சென்னை பட்டு மாளிகை",
    "مطعم النور",
    "北京小吃店",
    "O'Brien & Sons <Wine; Spirits>",
    "Maa Tara Mishtanna Bhandar, Fresh Sweets, Namkeen, Dairy Products and Catering for Marriages and all Occasions",
    "👨‍👩‍👧 Family Bazaar",
)
_CITY_SHARES = weighted(*((city, city.weight) for city in CITIES))


@dataclass(frozen=True)
class Merchant:
    """A merchant and where he is; what CoSTAR does not know of him is None."""

    number: int
    city: City
    name: str
    contact: str | None
    phone: str | None
    address: str
    pin_code: str
    latitude: float | None
    longitude: float | None

    @property
    def client_id(self) -> str:
        """The merchant id: text, with leading zeros."""
        return f"{self.number * 7919 % 10**9:010}"


def merchants(chance: Random, calls: int) -> Mapping[Bank | None, Sequence[Merchant]]:
    """The merchants of each bank, and of no bank; about one for a dozen calls, never more than some thousands."""
    owners: tuple[Bank | None, ...] = (*weighted(*((bank, round(bank.share)) for bank in BANKS)), None)
    found: defaultdict[Bank | None, list[Merchant]] = defaultdict(list)
    for number in range(max(len(owners), min(calls // 12, _MOST_MERCHANTS))):
        found[owners[number % len(owners)]].append(_merchant(chance, number))
    return found


def _merchant(chance: Random, number: int) -> Merchant:
    city = chance.choice(_CITY_SHARES)
    is_located = happens(chance, 94)
    return Merchant(
        number=number,
        city=city,
        name=_name(chance, number),
        contact=person_name(chance.randrange(1_400)) if happens(chance, 97) else None,
        phone=_phone(chance) if happens(chance, 97) else None,
        address=_address(chance, city),
        pin_code=f"{city.pin_area}{chance.randrange(1, 100):03}",
        latitude=round(city.latitude + (chance.random() - 0.5) * 0.16, 6) if is_located else None,
        longitude=round(city.longitude + (chance.random() - 0.5) * 0.16, 6) if is_located else None,
    )


def _name(chance: Random, number: int) -> str:
    if number % _ODD_EVERY == 0:
        return _ODD_NAMES[number // _ODD_EVERY % len(_ODD_NAMES)]
    owner = chance.choice(_PREFIXES if happens(chance, 45) else LAST_NAMES)
    return f"{owner} {chance.choice(_SHOPS)}"


def _phone(chance: Random) -> str:
    """A mobile number, a land line with its leading zero, or one typed as people type."""
    pattern = chance.choice(("+91 98{:08}", "98{:08}", "022-{:08}", "0422 {:08}"))
    return pattern.format(chance.randrange(10**8))


def _address(chance: Random, city: City) -> str:
    pattern = chance.choice(("Shop No. {}", "{}/A", "Plot {}", "No. {}, First Floor", "#{}"))
    building = pattern.format(chance.randrange(1, 400))
    area = f"{chance.choice(_STREETS)}, {chance.choice(city.localities)}"
    return chance.choice((f"{building}, {area}", f"{building}\n{area}", f'{building}, opp. "Hotel Ashoka", {area}'))
