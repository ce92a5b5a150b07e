import pytest
from hypothesis import given
from hypothesis import strategies as st

from har.datasets.archives.name_encoding import guess_encoding


@pytest.mark.parametrize(
    ("encoding", "names"),
    [
        ("gbk", ["跑步"]),
        ("gbk", ["羽毛球/杀球_01.avi", "俯卧撑/a.avi"]),
        ("cp932", ["歩く/a.mp4"]),
        ("cp932", ["縄跳び", "拍手"]),
        ("big5", ["影片/跑步/片段1.mp4", "影片/跳遠/片段2.mp4"]),
        ("cp949", ["걷기/1.mp4", "팔굽혀펴기/2.mp4"]),
        ("cp866", ["Видео/бег/клип1.mp4"]),
        ("cp1251", ["Видео/прыжок/клип2.mp4"]),
        ("cp437", ["Größe", "jalapeño"]),
        ("cp850", ["São/Educação.mp4"]),
        ("cp1252", ["Übungen/Liegestütz/clip2.mp4"]),
    ],
)
def test_the_encoding_of_names_is_recognised(encoding: str, names: list[str]) -> None:
    assert guess_encoding([name.encode(encoding) for name in names], "cp437")[0] == encoding


@given(st.lists(st.binary(max_size=20), max_size=4))
def test_any_bytes_can_be_decoded(names: list[bytes]) -> None:
    encoding, _ = guess_encoding(names, "latin-1")
    for name in names:
        name.decode(encoding)
