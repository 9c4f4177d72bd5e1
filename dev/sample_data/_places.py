"""Where the sample world is: 24 cities in 8 regions of India; names nothing that belongs to anybody."""

from dataclasses import dataclass


@dataclass(frozen=True)
class City:
    """A city; `pin_area` is the first half of its postal codes, `weight` its share of the merchants."""

    name: str
    state: str
    region: str
    latitude: float
    longitude: float
    pin_area: str
    weight: int
    localities: tuple[str, ...]


CITIES = (
    City("Mumbai", "Maharashtra", "Mumbai & Pune", 19.076, 72.8777, "400", 9, ("Andheri East", "Dadar", "Bandra West")),
    City("New Delhi", "Delhi", "Delhi NCR", 28.6139, 77.209, "110", 9, ("Karol Bagh", "Lajpat Nagar", "Rohini")),
    City("Bengaluru", "Karnataka", "South", 12.9716, 77.5946, "560", 8, ("Jayanagar", "Indiranagar", "Whitefield")),
    City("Chennai", "Tamil Nadu", "South", 13.0827, 80.2707, "600", 7, ("T. Nagar", "Adyar", "Velachery")),
    City("Hyderabad", "Telangana", "South", 17.385, 78.4867, "500", 7, ("Ameerpet", "Kukatpally", "Begumpet")),
    City("Kolkata", "West Bengal", "East", 22.5726, 88.3639, "700", 6, ("Gariahat", "Salt Lake", "Behala")),
    City("Pune", "Maharashtra", "Mumbai & Pune", 18.5204, 73.8567, "411", 6, ("Kothrud", "Hadapsar", "Camp")),
    City("Ahmedabad", "Gujarat", "West", 23.0225, 72.5714, "380", 5, ("Maninagar", "Navrangpura", "Satellite")),
    City("Gurugram", "Haryana", "Delhi NCR", 28.4595, 77.0266, "122", 4, ("Sector 14", "DLF Phase 3", "Sohna Road")),
    City("Noida", "Uttar Pradesh", "Delhi NCR", 28.5355, 77.391, "201", 4, ("Sector 18", "Sector 62", "Sector 137")),
    City("Jaipur", "Rajasthan", "North", 26.9124, 75.7873, "302", 4, ("Bapu Bazaar", "Malviya Nagar", "Bani Park")),
    City("Surat", "Gujarat", "West", 21.1702, 72.8311, "395", 4, ("Adajan", "Varachha", "Ring Road")),
    City("Lucknow", "Uttar Pradesh", "Central", 26.8467, 80.9462, "226", 4, ("Hazratganj", "Aminabad", "Gomti Nagar")),
    City("Thane", "Maharashtra", "Mumbai & Pune", 19.2183, 72.9781, "400", 3, ("Naupada", "Kolshet", "Majiwada")),
    City("Indore", "Madhya Pradesh", "Central", 22.7196, 75.8577, "452", 3, ("Rajwada", "Vijay Nagar", "Palasia")),
    City("Nagpur", "Maharashtra", "West", 21.1458, 79.0882, "440", 3, ("Sitabuldi", "Dharampeth", "Sadar")),
    City("Chandigarh", "Chandigarh", "North", 30.7333, 76.7794, "160", 3, ("Sector 17", "Sector 22", "Manimajra")),
    City("Patna", "Bihar", "East", 25.5941, 85.1376, "800", 2, ("Boring Road", "Kankarbagh", "Frazer Road")),
    City("Bhopal", "Madhya Pradesh", "Central", 23.2599, 77.4126, "462", 2, ("New Market", "Arera", "Kolar Road")),
    City("Ludhiana", "Punjab", "North", 30.901, 75.8573, "141", 2, ("Model Town", "Chaura Bazaar", "Dugri")),
    City("Bhubaneswar", "Odisha", "East", 20.2961, 85.8245, "751", 2, ("Saheed Nagar", "Unit 4", "Patia")),
    City("Guwahati", "Assam", "North East", 26.1445, 91.7362, "781", 2, ("Fancy Bazaar", "Paltan Bazaar", "Beltola")),
    City("Shillong", "Meghalaya", "North East", 25.5788, 91.8933, "793", 1, ("Police Bazaar", "Laitumkhrah", "Mawlai")),
    City("Agartala", "Tripura", "North East", 23.8315, 91.2868, "799", 1, ("Battala", "Krishnanagar", "Melarmath")),
)
REGIONS = tuple(sorted({city.region for city in CITIES}))
