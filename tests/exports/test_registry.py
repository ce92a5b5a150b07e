"""Adding a format: one entry, and it can be exported, imported, chosen on the command line and downloaded."""

import pytest
from click.testing import CliRunner

from har import results, sharing
from har.cli import main
from har.exports import FORMATS, Format, Imported, register
from har.sharing import SharedKind, SharedResult
from har.timeline import Segment, Timeline
from tests.exports.data import document
from tests.ui.shared_pages import annotated, open_shared


@pytest.fixture
def lines():
    """A made-up format: one line per label."""

    def read(text, target):
        label = text.decode().splitlines()[1]
        return Imported(Timeline((Segment(0.0, target.duration_sec, label, 1.0, 0, "corrected"),)))

    before = dict(FORMATS)
    yield register(
        Format(
            name="lines",
            title="Lines (TXT)",
            file_name="labels.txt",
            suffix="-labels.txt",
            mime="text/plain",
            write=lambda document: "#lines\n" + "\n".join(part.label or "?" for part in document.timeline.segments),
            read=read,
            recognises=lambda text: text.startswith(b"#lines"),
        )
    )
    FORMATS.clear()
    FORMATS.update(before)


def test_a_new_format_is_exported_and_imported_everywhere(lines, tmp_path):
    result = results.open_annotation(annotated().folder)
    text = results.export_text(result, "lines")
    assert text == "#lines\nsquat\nwave"
    out = tmp_path / "out.txt"
    run = CliRunner().invoke(main, ["export", str(result.folder), "--as", "lines", "--out", str(out)])
    assert (run.exit_code, out.read_text()) == (0, text)
    assert "lines" in CliRunner().invoke(main, ["export", "--help"]).output
    corrected = CliRunner().invoke(main, ["correct", str(result.folder), str(out)])
    assert corrected.exit_code == 0
    assert [piece.label for piece in results.read_corrections(result).now] == ["squat"]
    page = open_shared(sharing.share(SharedResult(SharedKind.ANNOTATION, result.folder.name)))
    assert "Lines (TXT)" in [button.proto.label for button in page.get("download_button")]


def test_formats_written_with_every_result_come_first():
    order = [entry.with_results for entry in FORMATS.values()]
    assert order == sorted(order, reverse=True)
    assert {entry.file_name for entry in FORMATS.values() if entry.with_results} == {
        "captions.srt", "captions.vtt", "timeline.csv", "timeline.json",
    }  # fmt: skip


@pytest.mark.parametrize("name", [name for name, entry in FORMATS.items() if entry.read])
def test_a_file_is_recognised_by_the_reader_of_its_own_format_alone(name):
    text = FORMATS[name].write(document())
    assert [entry.name for entry in FORMATS.values() if entry.recognises and entry.recognises(text)] == [name]
