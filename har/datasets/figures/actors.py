"""Who is in the picture: build, colours, hair, clothes."""

from dataclasses import dataclass

import numpy as np

from har.datasets.figures.drawing import Colour

SKINS: tuple[Colour, ...] = (
    (255, 224, 196),
    (243, 205, 172),
    (229, 182, 143),
    (205, 152, 108),
    (172, 118, 78),
    (133, 88, 58),
    (96, 62, 44),
)
HAIRS: tuple[Colour, ...] = (
    (34, 28, 30),
    (58, 40, 32),
    (96, 60, 36),
    (142, 92, 48),
    (206, 164, 92),
    (168, 74, 38),
    (176, 174, 178),
    (236, 226, 206),
)
CLOTHES: tuple[Colour, ...] = (
    (214, 62, 62),
    (238, 126, 52),
    (246, 190, 66),
    (92, 168, 88),
    (38, 128, 122),
    (62, 138, 206),
    (58, 78, 158),
    (132, 84, 172),
    (226, 112, 158),
    (240, 236, 226),
    (74, 78, 92),
    (150, 46, 72),
    (120, 190, 200),
)
BOTTOMS: tuple[Colour, ...] = (
    (52, 70, 116),
    (84, 112, 158),
    (58, 58, 68),
    (122, 98, 74),
    (196, 178, 144),
    (92, 100, 82),
    (120, 56, 62),
    (208, 206, 204),
)
SHOES: tuple[Colour, ...] = ((236, 234, 230), (50, 48, 56), (196, 66, 58), (72, 122, 180), (122, 82, 54))
HAIRCUTS = ("short", "crop", "bob", "long", "bun", "tail", "curls", "bald", "cap")
SLEEVES = ("none", "short", "long")
GARMENTS = ("trousers", "shorts", "skirt", "leggings")


@dataclass(frozen=True)
class Actor:
    """How somebody looks."""

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


def engage(rng: np.random.Generator) -> Actor:
    """Somebody new."""
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
