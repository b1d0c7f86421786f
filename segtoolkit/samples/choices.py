"""What the made-up people and events are chosen from; a number beside a name is how often."""

from __future__ import annotations

FIRST_NAMES = [
    "Ann",
    "Ben",
    "Chloé",
    "Dmitri",
    "Eve",
    "Farid",
    "Grace",
    "Hiro",
    "Inés",
    "Jürgen",
    "Kai",
    "Lena",
    "Mo",
    "Nia",
    "Olu",
    "Priya",
]
LAST_NAMES = [
    "Adams",
    "Brown",
    "Chen",
    "Dubois",
    "Evans",
    "Fischer",
    "García",
    "Haddad",
    "Ito",
    "Jensen",
    "Kim",
    "Lopez",
    "Müller",
]
PLACES = (  # country, state, city, weight
    ("US", "US-NY", "New York", 18),
    ("US", "US-CA", "San Francisco", 15),
    ("US", "US-TX", "Austin", 12),
    ("CA", "CA-ON", "Toronto", 10),
    ("GB", "GB-LND", "London", 12),
    ("DE", "DE-BE", "Berlin", 11),
    ("FR", "FR-IDF", "Paris", 10),
    ("JP", "JP-13", "Tokyo", 12),
)
TIERS = {"bronze": 60, "silver": 25, "gold": 12, "platinum": 3}
TAGS = ("newsletter", "app", "vip", "student", "b2b")
TYPES = {
    "web.webpagedetails.pageViews": 58,
    "commerce.productListAdds": 16,
    "commerce.checkouts": 7,
    "commerce.purchases": 12,
    "message.opened": 7,
}
PAGES = ("Home", "Search", "Product", "Cart", "Help")
PRODUCTS = ("Kettle", "Lamp", "Chair", "Notebook", "Bicycle", "Radio")
