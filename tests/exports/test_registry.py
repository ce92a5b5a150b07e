"""Adding a format: one entry, and it can be exported, imported, chosen on the command line and downloaded."""

import pytest
from click.testing import CliRunner

from har import results, sharing
from har.cli import main
from har.exports import FORMATS, Format, Imported, ImportTarget, read_any, register
from har.sharing import SharedKind, SharedResult
from har.timeline import Segment, Timeline
from tests.exports.data import INFO, document
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
def test_every_format_with_a_reader_recognises_and_reads_what_it_writes(name):
    segments = (Segment(0.0, 1.001, "squat", 0.5, 1), Segment(1.001, 3.003, "jump", 0.5, 1))
    text = FORMATS[name].write(document(*segments))
    assert [entry.name for entry in FORMATS.values() if entry.recognises and entry.recognises(text)] == [name]
    timeline = read_any(text, ImportTarget(INFO.fps, 3.003)).timeline
    assert [(part.label, round(part.start_sec, 3), round(part.end_sec, 3)) for part in timeline.segments] == [
        ("squat", 0.0, 1.001),
        ("jump", 1.001, 3.003),
    ]
