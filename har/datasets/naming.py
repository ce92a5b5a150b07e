"""What the names of videos say: how some published data sets name theirs."""

import re
from typing import NamedTuple

_UCF = re.compile(r"v_(?P<label>.+)_(?P<group>g\d+)_c\d+")
_UCF11_FOLDER = re.compile(r"v_.+_\d+")
_KTH = re.compile(r"(?P<group>person\d+)_(?P<label>[a-z]+)_d\d(_uncomp)?")
_WEIZMANN = re.compile(
    r"(?P<group>daria|denis|eli|ido|ira|lena|lyova|moshe|shahar)_(?P<label>wave[12]|[a-z]+?)\d*", re.IGNORECASE
)
# Visible body, camera motion, number of people, point of view, quality, and the clip's number in its film.
_HMDB = re.compile(r"(?P<source_and_label>.+)_[fhlu]_(nm|cm)_np\d+_(ba|fr|le|ri)_(bad|med|goo)_\d+", re.IGNORECASE)
_GROUP = re.compile(r"(?<![A-Za-z0-9])g\d+(?![A-Za-z0-9])")


class Told(NamedTuple):
    """What a name says."""

    label: str
    group: str


def label_in(stem: str) -> str | None:
    """The label that a video's name, without its suffix, tells by one of the known schemes."""
    told = ucf(stem) or kth(stem) or weizmann(stem)
    return told.label if told else None


def group_in(stem: str, label: str) -> str | None:
    """The recording, film or actor that a video's name, without its suffix, tells; its label is known already."""
    if film := hmdb_film(stem, label):
        return film
    told = kth(stem) or weizmann(stem)
    return told.group if told else group_number(stem)


def ucf(stem: str) -> Told | None:
    """`v_TaiChi_g07_c02` of UCF50 and UCF101: label, group, clip.

    Reddy and Shah, "Recognizing 50 human action categories of web videos", 2012; Soomro, Zamir and Shah, "UCF101: A
    dataset of 101 human action classes from videos in the wild", 2012.
    """
    found = _UCF.fullmatch(stem)
    return Told(found["label"], found["group"]) if found else None


def kth(stem: str) -> Told | None:
    """`person15_boxing_d1_uncomp` of KTH: person, label, scenario.

    Schüldt, Laptev and Caputo, "Recognizing human actions: a local SVM approach", 2004.
    """
    found = _KTH.fullmatch(stem)
    return Told(found["label"], found["group"]) if found else None


def weizmann(stem: str) -> Told | None:
    """`daria_walk` or, where somebody did it twice, `lena_walk2` of Weizmann: one of nine actors, label.

    Waving with one hand and with both are two labels, wave1 and wave2.
    Gorelick, Blank, Shechtman, Irani and Basri, "Actions as space-time shapes", 2007.
    """
    found = _WEIZMANN.fullmatch(stem)
    return Told(found["label"].lower(), found["group"].lower()) if found else None


def hmdb_film(stem: str, label: str) -> str | None:
    """The film in `April_09_brush_hair_u_nm_np1_ba_goo_0` of HMDB51, if the label is 'brush_hair'.

    The name does not tell where the film's title ends, so the label has to be known from the folder.
    Kuehne, Jhuang, Garrote, Poggio and Serre, "HMDB: a large video database for human motion recognition", 2011.
    """
    found = _HMDB.fullmatch(stem)
    ending = f"_{label}".lower()
    if found is None or not found["source_and_label"].lower().endswith(ending):
        return None
    return found["source_and_label"][: -len(ending)] or None


def group_number(stem: str) -> str | None:
    """A group's number that stands by itself: g07 in `v_TaiChi_g07_c02`, in `g07-kitchen`, not in `img07`."""
    found = _GROUP.search(stem)
    return found.group() if found else None


def is_recording(folder: str, stem: str) -> bool:
    """Whether a folder is a recording's, to judge by its name and that of a video in it, and not a label's.

    `v_shooting_01` is, with `v_shooting_01_01` in it, as in UCF11; so is `g07`.
    Liu, Luo and Shah, "Recognizing realistic actions from videos in the wild", 2009.
    """
    in_ucf11 = _UCF11_FOLDER.fullmatch(folder) is not None and stem.startswith(f"{folder}_")
    return in_ucf11 or _GROUP.fullmatch(folder) is not None
