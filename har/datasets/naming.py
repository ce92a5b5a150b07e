"""Labels and groups in the file names of published data sets."""

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


class ParsedName(NamedTuple):
    """The label and group in a file name."""

    label: str
    group: str


def parse_label(stem: str) -> str | None:
    """The label in a file name (without its suffix), if it follows a known scheme."""
    parsed = parse_ucf(stem) or parse_kth(stem) or parse_weizmann(stem)
    return parsed.label if parsed else None


def parse_group(stem: str, label: str) -> str | None:
    """The recording, film or actor in a file name (without its suffix), given the label."""
    if film := parse_hmdb_film(stem, label):
        return film
    parsed = parse_kth(stem) or parse_weizmann(stem)
    return parsed.group if parsed else group_number(stem)


def parse_ucf(stem: str) -> ParsedName | None:
    """`v_TaiChi_g07_c02` of UCF50 and UCF101: label, group, clip.

    Reddy and Shah, "Recognizing 50 human action categories of web videos", 2012; Soomro, Zamir and Shah, "UCF101: A
    dataset of 101 human action classes from videos in the wild", 2012.
    """
    match = _UCF.fullmatch(stem)
    return ParsedName(match["label"], match["group"]) if match else None


def parse_kth(stem: str) -> ParsedName | None:
    """`person15_boxing_d1_uncomp` of KTH: person, label, scenario.

    Schüldt, Laptev and Caputo, "Recognizing human actions: a local SVM approach", 2004.
    """
    match = _KTH.fullmatch(stem)
    return ParsedName(match["label"], match["group"]) if match else None


def parse_weizmann(stem: str) -> ParsedName | None:
    """`daria_walk` or, for a second take, `lena_walk2` of Weizmann: one of nine actors, label.

    Waving with one hand and with both are two labels, wave1 and wave2.
    Gorelick, Blank, Shechtman, Irani and Basri, "Actions as space-time shapes", 2007.
    """
    match = _WEIZMANN.fullmatch(stem)
    return ParsedName(match["label"].lower(), match["group"].lower()) if match else None


def parse_hmdb_film(stem: str, label: str) -> str | None:
    """The film in `April_09_brush_hair_u_nm_np1_ba_goo_0` of HMDB51, if the label is 'brush_hair'.

    The title and the label are not separated in any special way, so the label has to be known from the folder.
    Kuehne, Jhuang, Garrote, Poggio and Serre, "HMDB: a large video database for human motion recognition", 2011.
    """
    match = _HMDB.fullmatch(stem)
    ending = f"_{label}".lower()
    if match is None or not match["source_and_label"].lower().endswith(ending):
        return None
    return match["source_and_label"][: -len(ending)] or None


def group_number(stem: str) -> str | None:
    """A group number as a separate word: g07 in `v_TaiChi_g07_c02` and `g07-kitchen`, not in `img07`."""
    match = _GROUP.search(stem)
    return match.group() if match else None


def is_recording_folder(folder: str, stem: str) -> bool:
    """Whether a folder holds one recording rather than a label, by its name and that of a video in it.

    `v_shooting_01` does, with `v_shooting_01_01` in it, as in UCF11; so does `g07`.
    Liu, Luo and Shah, "Recognizing realistic actions from videos in the wild", 2009.
    """
    in_ucf11 = _UCF11_FOLDER.fullmatch(folder) is not None and stem.startswith(f"{folder}_")
    return in_ucf11 or _GROUP.fullmatch(folder) is not None
