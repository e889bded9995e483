"""What the demo workspace is made of."""

from __future__ import annotations

import random

from common.mappings import JsonObject

NAMES = {
    "manager": ("Maya", "Okafor"),
    "editor": ("Tomás", "Lindqvist"),
    "viewer": ("Ines", "Varga"),
}

CHANNELS: list[JsonObject] = [
    {
        "platform": "instagram",
        "name": "H2O on Instagram",
        "posts_per_week": 5,
        "zone": "America/Los_Angeles",
        "local_times": ["11:00", "18:00"],
    },
    {
        "platform": "facebook",
        "name": "H2O Facebook page",
        "posts_per_week": 4,
        "zone": "America/Los_Angeles",
        "local_times": ["09:00", "13:00"],
    },
    {
        "platform": "youtube",
        "name": "H2O workshop videos",
        "posts_per_week": 2,
        "zone": "America/New_York",
        "local_times": ["15:00"],
    },
    {
        "platform": "linkedin",
        "name": "H2O for businesses",
        "posts_per_week": 3,
        "zone": "America/New_York",
        "local_times": ["08:00"],
    },
    {
        "platform": "x",
        "name": "@h2oservices",
        "posts_per_week": 7,
        "zone": "Europe/Berlin",
        "local_times": ["09:00", "12:30"],
    },
    {
        "platform": "mastodon",
        "name": "H2O on Mastodon",
        "posts_per_week": 3,
        "zone": "Europe/Berlin",
        "local_times": ["10:00"],
    },
]


# Of their platforms, those that take nothing but videos.
VIDEO_ONLY = ("youtube",)
DRAWING = "A drawing of rings on water, in shades of one colour."


def item(title: str, caption: str, *tags: str, link: str = "") -> JsonObject:
    """A content item's fields."""
    return {"title": title, "caption": caption, "hashtags": list(tags), "link": link}


CONTENT = [
    item(
        "Five signs your boiler needs a check",
        "A rumble, a drip, a pilot light that sulks: five small signs that save you a cold week in January.",
        "heating",
        "homecare",
    ),
    item(
        "What hard water does in ten years",
        "We cut open a pipe from 2016. The picture says more than we could.",
        "hardwater",
        "plumbing",
    ),
    item(
        "Meet the night crew",
        "While you sleep, Ana and Joel keep three towns running. Four minutes with them.",
        "team",
        "behindthescenes",
    ),
    item(
        "Before and after: the Elm Street bathroom",
        "Nine days, one leaking wall, and a family that kept its only shower. Here is how.",
        "beforeafter",
        "renovation",
    ),
    item(
        "How to bleed a radiator in three minutes",
        "A key, a cloth and a bit of patience. No plumber needed, honestly.",
        "howto",
        "heating",
    ),
    item(
        "Winter opening hours",
        "From 1 December our desk opens at seven. The emergency line never closes.",
        "service",
    ),
    item(
        "Free leak check in November",
        "Book a visit this month and the leak check is on us.",
        "offer",
        link="https://h2o.example/leak-check",
    ),
    item(
        "Which tap saves most water?",
        "We measured six taps for a week in our own kitchen. Number four surprised us.",
        "watersaving",
        "test",
    ),
    item(
        "Apprentices wanted",
        "Paid from day one, two mentors, and nobody has ever had to fetch a left-handed wrench.",
        "jobs",
        "apprenticeship",
        link="https://h2o.example/jobs",
    ),
    item(
        "Why your hot water smells",
        "Usually harmless, sometimes the anode. How to tell within a minute.",
        "homecare",
    ),
    item(
        "Rain barrels: worth it?",
        "A 200-litre barrel pays for itself in about three dry summers. The sums.",
        "garden",
        "watersaving",
    ),
    item(
        "A customer's story: the flooded cellar",
        "Forty centimetres of water at two in the morning. Told by Mr Abe himself.",
        "story",
    ),
    item(
        "Do not flush this",
        "A short list, in order of how much our drain crew dislikes them.",
        "drains",
        "howto",
    ),
    item(
        "Heat pumps in old houses",
        "They work. But measure the radiators first; here is our checklist.",
        "heatpump",
        "renovation",
        link="https://h2o.example/heat-pumps",
    ),
    item(
        "Legionella in holiday homes",
        "Closed up since October? Run every tap hot for three minutes before you shower.",
        "safety",
    ),
    item(
        "Our vans run on used oil",
        "From the chip shop next door, filtered twice. Yes, you can smell it a little.",
        "sustainability",
    ),
    item(
        "Grants for water filters",
        "The county pays up to 40 %. The form takes ten minutes; we help.",
        "grants",
        link="https://h2o.example/grants",
    ),
    item(
        "Quiz: how much water is in a T-shirt?",
        "A: 27 litres, B: 270, C: 2,700. The answer is in the first comment.",
        "quiz",
    ),
    item(
        "What a water meter can tell you",
        "Turn everything off, look again after an hour. If it moved, call somebody.",
        "leak",
        "howto",
    ),
    item(
        "Thank you for 1,000 reviews",
        "We read every one, including the one about the muddy boots. Sorry again, Mrs Pell.",
        "thankyou",
    ),
]

VIDEOS: dict[str, JsonObject] = {
    "frozen-pipes": {
        "title": "Frozen pipe? Do this first",
        "text": "Tap open, heating on, hairdryer from the tap towards the ice. Never a flame.",
        "hashtags": ("winter", "howto"),
    },
    "stopcock": {
        "title": "Find your stopcock before you need it",
        "text": "Under the sink, in the cellar or by the meter. Look today; in a flood you have no time to.",
        "hashtags": ("homecare", "winter"),
    },
    "boiler-pressure": {
        "title": "Boiler at 0.5 bar: top it up in a minute",
        "text": "Cold boiler, open the filling loop, stop at 1.5 bar. If it sinks again within days, call us.",
        "hashtags": ("heating", "howto"),
    },
    "night-call": {
        "title": "A night call at minus twelve",
        "text": "Joel drives out to a farm whose only pipe has burst. Two minutes, one blanket, one happy cow.",
        "hashtags": ("team", "behindthescenes"),
    },
}

PROMPT = """You write for a friendly plumbing company.
The video file is called {filename}. It shows: {game_context}.
Write a title of at most 100 characters, a caption of at most 2,200 and 10 to 15 hashtags.
Answer as JSON: {"title": "...", "caption": "...", "hashtags": ["..."]}"""

LOT_TYPES = ("VialA-2ml", "VialB-5ml", "VialC-10ml", "VialD-20ml")


def lots(count: int) -> list[JsonObject]:
    """Lots of a believable order book: four vial types, 60,000 to 900,000 vials each,
    the same ones every time.
    """
    chance = random.Random(count)
    rows = []
    for n in range(1, count + 1):
        vials = chance.randrange(60_000, 900_000, 5_000)
        lot_type = chance.choices(LOT_TYPES, weights=(4, 3, 2, 1))[0]
        rows.append(
            {
                "lot_id": f"LOT{n:03d}",
                "lot_type": lot_type,
                "vials": vials,
                "fill_hours": round(vials / 19_920, 4),
            }
        )
    return rows
