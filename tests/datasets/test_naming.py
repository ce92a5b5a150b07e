import pytest
from hypothesis import given
from hypothesis import strategies as st

from har.datasets import naming


@pytest.mark.parametrize(
    ("stem", "label"),
    [
        ("v_TaiChi_g07_c02", "TaiChi"),
        ("person15_boxing_d1_uncomp", "boxing"),
        ("daria_walk", "walk"),
        ("lena_walk2", "walk"),
        ("shahar_wave1", "wave1"),
        ("Moshe_Jack", "jack"),
        ("anna_walk", None),
        ("April_09_brush_hair_u_nm_np1_ba_goo_0", None),
        ("v_TaiChi_g07", None),
        ("IMG_2041", None),
        ("", None),
    ],
)
def test_labels_are_parsed_from_the_names_of_known_sets(stem: str, label: str | None) -> None:
    assert naming.parse_label(stem) == label


@pytest.mark.parametrize(
    ("stem", "label", "group"),
    [
        ("v_TaiChi_g07_c02", "TaiChi", "g07"),
        ("kitchen-g7", "cook", "g7"),
        ("g12 take 3", "cook", "g12"),
        ("img07", "cook", None),
        ("g07b", "cook", None),
        ("person15_boxing_d1_uncomp", "boxing", "person15"),
        ("person15", "boxing", None),
        ("lyova_pjump", "pjump", "lyova"),
        ("April_09_brush_hair_u_nm_np1_ba_goo_0", "brush_hair", "April_09"),
        ("April_09_brush_hair_u_nm_np1_ba_goo_0", "wave", None),
        ("#20_Rhythm_clap_u_nm_np1_fr_goo_0", "clap", "#20_Rhythm"),
        ("Silence_of_the_Lambs_g3_walk_f_cm_np12_le_bad_10", "walk", "Silence_of_the_Lambs_g3"),
        ("walk_f_cm_np1_le_bad_10", "walk", None),
    ],
)
def test_groups_are_parsed_from_the_names_of_known_sets(stem: str, label: str, group: str | None) -> None:
    assert naming.parse_group(stem, label) == group


@pytest.mark.parametrize(
    ("folder", "stem", "is_recording"),
    [
        ("v_shooting_01", "v_shooting_01_03", True),
        ("v_golf_swing_25", "v_golf_swing_25_07", True),
        ("v_shooting_01", "another", False),
        ("basketball", "v_shooting_01_03", False),
        ("g07", "anything", True),
        ("g07-late", "anything", False),
        ("golf", "golf_1", False),
    ],
)
def test_folders_of_recordings_are_recognised(folder: str, stem: str, is_recording: bool) -> None:
    assert naming.is_recording_folder(folder, stem) is is_recording


@given(st.text(), st.text())
def test_any_name_can_be_parsed(stem: str, label: str) -> None:
    assert naming.parse_label(stem) != ""
    assert naming.parse_group(stem, label) != ""
    naming.is_recording_folder(label, stem)
