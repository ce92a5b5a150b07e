"""The looks of the drawn people: build, colours, hair, clothes."""

from dataclasses import dataclass

import numpy as np

from har.datasets.figures.drawing import Colour, colours

SKINS = colours("ffe0c4 f3cdac e5b68f cd986c ac764e 85583a 603e2c")
HAIRS = colours("221c1e 3a2820 603c24 8e5c30 cea45c a84a26 b0aeb2 ece2ce")
CLOTHES = colours("d63e3e ee7e34 f6be42 5ca858 26807a 3e8ace 3a4e9e 8454ac e2709e f0ece2 4a4e5c 962e48 78bec8")
BOTTOMS = colours("344674 54709e 3a3a44 7a624a c4b290 5c6452 78383e d0cecc")
SHOES = colours("eceae6 323038 c4423a 487ab4 7a5236")
HAIRCUTS = ("short", "crop", "bob", "long", "bun", "tail", "curls", "bald", "cap")
SLEEVES = ("none", "short", "long")
GARMENTS = ("trousers", "shorts", "skirt", "leggings")


@dataclass(frozen=True)
class Actor:
    """The looks of one person."""

    skin: Colour
    hair: Colour
    shirt: Colour
    trim: Colour  # a band on the shirt, a cap
    bottom: Colour
    shoes: Colour
    haircut: str
    sleeves: str
    garment: str
    girth: float  # 0.85 slim to 1.2 stout
    shoulders: float  # 0.9 narrow to 1.1 broad
    pattern: str  # plain, band, buttons
    beard: bool
    glasses: bool


def random_actor(rng: np.random.Generator) -> Actor:
    """A person with random looks."""
    hair = HAIRS[rng.integers(len(HAIRS))]
    shirt = CLOTHES[rng.integers(len(CLOTHES))]
    trim = CLOTHES[rng.integers(len(CLOTHES))]
    haircut = str(rng.choice(HAIRCUTS))
    return Actor(
        skin=SKINS[rng.integers(len(SKINS))],
        hair=hair,
        shirt=shirt,
        trim=trim if trim != shirt else (250, 246, 238),
        bottom=BOTTOMS[rng.integers(len(BOTTOMS))],
        shoes=SHOES[rng.integers(len(SHOES))],
        haircut=haircut,
        sleeves=str(rng.choice(SLEEVES, p=(0.2, 0.45, 0.35))),
        garment=str(rng.choice(GARMENTS, p=(0.4, 0.25, 0.15, 0.2))),
        girth=float(rng.uniform(0.88, 1.18)),
        shoulders=float(rng.uniform(0.92, 1.08)),
        pattern=str(rng.choice(("plain", "band", "buttons"))),
        beard=bool(rng.random() < 0.3 and haircut in ("short", "crop", "bald", "cap")),
        glasses=bool(rng.random() < 0.25),
    )
