"""The business units of the made-up distributor: where they are, how big, in which money."""

from __future__ import annotations

from dataclasses import dataclass

Place = tuple[str, str, float, float]
"""City, region, latitude, longitude."""


@dataclass(frozen=True)
class Unit:
    """One business unit and the country it sells in.

    ``size`` is relative to the first unit; ``exchange`` is what one euro is in the unit's currency.
    """

    number: int
    name: str
    label: str
    country: str
    currency: str
    exchange: float
    size: float
    places: tuple[Place, ...]
    warehouses: tuple[int, ...]
    families: tuple[str, ...]
    endings: tuple[str, ...]
    awkward_names: tuple[str, str, str]

    @property
    def prefix(self) -> str:
        """Two digits that open every identifier of the unit; the first is a zero for most units."""
        return f"{self.number:02d}"


IBERIA = Unit(
    number=1,
    name="iberia",
    label="Iberia",
    country="ES",
    currency="EUR",
    exchange=1.0,
    size=1.0,
    places=(
        ("Madrid", "Madrid", 40.42, -3.70),
        ("Barcelona", "Cataluña", 41.39, 2.17),
        ("Valencia", "Comunitat Valenciana", 39.47, -0.38),
        ("Sevilla", "Andalucía", 37.39, -5.99),
        ("Zaragoza", "Aragón", 41.65, -0.89),
        ("Bilbao", "País Vasco", 43.26, -2.93),
        ("Málaga", "Andalucía", 36.72, -4.42),
        ("A Coruña", "Galicia", 43.36, -8.41),
        ("Murcia", "Murcia", 37.99, -1.13),
        ("Valladolid", "Castilla y León", 41.65, -4.72),
    ),
    warehouses=(0, 1, 5),
    families=("García", "Muñoz", "Ibáñez", "Serrano", "Peña", "Ordóñez", "Castaño", "Vidal", "Rueda", "Bermúdez"),
    endings=("S.L.", "S.A.", "Distribuciones", "Hermanos", "y Compañía"),
    awkward_names=("Peñón & Hijos, S.L.", "O'Neill Alimentación", "Ultramarinos «El Ñandú»"),
)

FRANCE = Unit(
    number=2,
    name="france",
    label="France",
    country="FR",
    currency="EUR",
    exchange=1.0,
    size=1.4,
    places=(
        ("Paris", "Île-de-France", 48.86, 2.35),
        ("Lyon", "Auvergne-Rhône-Alpes", 45.76, 4.84),
        ("Marseille", "Provence-Alpes-Côte d'Azur", 43.30, 5.37),
        ("Toulouse", "Occitanie", 43.60, 1.44),
        ("Nantes", "Pays de la Loire", 47.22, -1.55),
        ("Strasbourg", "Grand Est", 48.57, 7.75),
        ("Bordeaux", "Nouvelle-Aquitaine", 44.84, -0.58),
        ("Lille", "Hauts-de-France", 50.63, 3.06),
        ("Rennes", "Bretagne", 48.11, -1.68),
        ("Dijon", "Bourgogne-Franche-Comté", 47.32, 5.04),
    ),
    warehouses=(0, 1, 3),
    families=(
        "Lefèvre",
        "Moreau",
        "Dubois",
        "Gérard",
        "Béranger",
        "Chevalier",
        "Fontaine",
        "Hénault",
        "Roussel",
        "Noël",
    ),
    endings=("SARL", "SAS", "et Fils", "Frères", "Distribution"),
    awkward_names=("Épicerie Nîmoise & Cie", "O'Neill Gastronomie", "L'Hôtel-Dieu d'Évreux"),
)

BENELUX = Unit(
    number=3,
    name="benelux",
    label="Benelux",
    country="NL",
    currency="EUR",
    exchange=1.0,
    size=0.9,
    places=(
        ("Amsterdam", "Noord-Holland", 52.37, 4.90),
        ("Rotterdam", "Zuid-Holland", 51.92, 4.48),
        ("Utrecht", "Utrecht", 52.09, 5.12),
        ("Eindhoven", "Noord-Brabant", 51.44, 5.47),
        ("Groningen", "Groningen", 53.22, 6.57),
        ("Maastricht", "Limburg", 50.85, 5.69),
        ("Arnhem", "Gelderland", 51.98, 5.91),
        ("Breda", "Noord-Brabant", 51.59, 4.78),
        ("Zwolle", "Overijssel", 52.51, 6.09),
        ("Leiden", "Zuid-Holland", 52.16, 4.49),
    ),
    warehouses=(1, 3),
    families=(
        "De Vries",
        "Van den Berg",
        "Jansen",
        "Bakker",
        "Daniëls",
        "Smeets",
        "Claes",
        "Hoekstra",
        "Zoë",
        "Mertens",
    ),
    endings=("B.V.", "N.V.", "& Zonen", "Groothandel", "Handelsmaatschappij"),
    awkward_names=("Café 't Hoekje & Zn.", "O'Neill Horeca", "Coöperatie Zuiderzeeïsche Handel"),
)

NORDICS = Unit(
    number=4,
    name="nordics",
    label="Nordics",
    country="SE",
    currency="SEK",
    exchange=11.2,
    size=0.7,
    places=(
        ("Stockholm", "Stockholm", 59.33, 18.07),
        ("Göteborg", "Västra Götaland", 57.71, 11.97),
        ("Malmö", "Skåne", 55.60, 13.00),
        ("Uppsala", "Uppsala", 59.86, 17.64),
        ("Örebro", "Örebro", 59.27, 15.21),
        ("Linköping", "Östergötland", 58.41, 15.62),
        ("Jönköping", "Jönköping", 57.78, 14.16),
        ("Gävle", "Gävleborg", 60.67, 17.14),
        ("Västerås", "Västmanland", 59.61, 16.55),
        ("Halmstad", "Halland", 56.67, 12.86),
    ),
    warehouses=(0, 1),
    families=("Ångström", "Lindqvist", "Åkesson", "Björk", "Sjöberg", "Öberg", "Nyström", "Hägg", "Dahl", "Ekström"),
    endings=("AB", "Handel AB", "Grossist", "& Söner", "Partihandel"),
    awkward_names=("Älvsjö Livs & Kaffe AB", "O'Neill Norden", "Åsa Öhrns Café"),
)

ITALIA = Unit(
    number=5,
    name="italia",
    label="Italia",
    country="IT",
    currency="EUR",
    exchange=1.0,
    size=1.1,
    places=(
        ("Milano", "Lombardia", 45.46, 9.19),
        ("Roma", "Lazio", 41.90, 12.50),
        ("Torino", "Piemonte", 45.07, 7.69),
        ("Bologna", "Emilia-Romagna", 44.49, 11.34),
        ("Napoli", "Campania", 40.85, 14.27),
        ("Firenze", "Toscana", 43.77, 11.26),
        ("Verona", "Veneto", 45.44, 10.99),
        ("Genova", "Liguria", 44.41, 8.93),
    ),
    warehouses=(0, 1),
    families=("Rossi", "Bianchi", "Conti", "Ferrari", "D'Angelo", "Ricci", "Marino", "Galli", "Niccolò", "Forlì"),
    endings=("S.r.l.", "S.p.A.", "e Figli", "Fratelli", "Distribuzione"),
    awkward_names=("Caffè Città & Co.", "O'Neill Ristorazione", "Società Agricola Dell'Òglio"),
)

DACH = Unit(
    number=6,
    name="dach",
    label="DACH",
    country="DE",
    currency="EUR",
    exchange=1.0,
    size=1.6,
    places=(
        ("Berlin", "Berlin", 52.52, 13.40),
        ("Hamburg", "Hamburg", 53.55, 9.99),
        ("München", "Bayern", 48.14, 11.58),
        ("Köln", "Nordrhein-Westfalen", 50.94, 6.96),
        ("Frankfurt am Main", "Hessen", 50.11, 8.68),
        ("Stuttgart", "Baden-Württemberg", 48.78, 9.18),
        ("Leipzig", "Sachsen", 51.34, 12.37),
        ("Nürnberg", "Bayern", 49.45, 11.08),
    ),
    warehouses=(4, 6),
    families=("Müller", "Schäfer", "Weiß", "Krüger", "Böhm", "Jäger", "Vogel", "Köhler", "Strauß", "Lang"),
    endings=("GmbH", "AG", "& Söhne", "Großhandel", "Handelsgesellschaft"),
    awkward_names=("Größe & Maß GmbH", "O'Neill Gastro", "Übersee-Café Köln"),
)

POLSKA = Unit(
    number=7,
    name="polska",
    label="Polska",
    country="PL",
    currency="PLN",
    exchange=4.3,
    size=0.8,
    places=(
        ("Warszawa", "Mazowieckie", 52.23, 21.01),
        ("Kraków", "Małopolskie", 50.06, 19.94),
        ("Łódź", "Łódzkie", 51.76, 19.46),
        ("Wrocław", "Dolnośląskie", 51.11, 17.04),
        ("Poznań", "Wielkopolskie", 52.41, 16.93),
        ("Gdańsk", "Pomorskie", 54.35, 18.65),
    ),
    warehouses=(2, 4),
    families=("Kowalski", "Wiśniewski", "Wójcik", "Zieliński", "Dąbrowski", "Szymański", "Woźniak", "Kozłowski"),
    endings=("Sp. z o.o.", "S.A.", "i Synowie", "Hurtownia", "Handel"),
    awkward_names=("Żabka Śląska & Wnuki", "O'Neill Polska", "Cukiernia «Źródło»"),
)

IRELAND = Unit(
    number=8,
    name="ireland",
    label="Ireland",
    country="IE",
    currency="EUR",
    exchange=1.0,
    size=0.6,
    places=(
        ("Dublin", "Leinster", 53.35, -6.26),
        ("Cork", "Munster", 51.90, -8.47),
        ("Galway", "Connacht", 53.27, -9.05),
        ("Limerick", "Munster", 52.67, -8.63),
        ("Waterford", "Munster", 52.26, -7.11),
        ("Sligo", "Connacht", 54.27, -8.47),
    ),
    warehouses=(0, 1),
    families=("Murphy", "Byrne", "Ó Briain", "Walsh", "Doyle", "Ní Dhomhnaill", "Keane", "Brady"),
    endings=("Ltd", "& Sons", "Wholesale", "DAC", "Foods"),
    awkward_names=("Siopa Áine & Co.", "O'Neill Provisions", "Tigh Uí Dhúill"),
)

UNITS = (IBERIA, FRANCE, BENELUX, NORDICS, ITALIA, DACH, POLSKA, IRELAND)
