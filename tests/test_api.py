"""The public library: `import har`."""

import importlib
import pkgutil
import re
import subprocess
import sys
from dataclasses import replace
from fractions import Fraction

import pytest

import har
from har.api import Result
from har.clips import ClipSpec
from har.datasets.figures import draw_clip
from har.errors import LabelsError, OptionsError
from har.recipe import Recipe, recipe_for
from har.results import LabelOptions, open_annotation
from har.timeline import TimelineOptions
from har.video import write_video
from tests.conftest import ROOT
from tests.tiny_clips import write_shades
from tests.ui.shared_pages import annotated


@pytest.fixture(scope="module")
def video(tmp_path_factory):
    path = tmp_path_factory.mktemp("api") / "video.mp4"
    write_video(path, draw_clip("JumpingJack", 3, 1), Fraction(25))
    return path


def test_importing_it_brings_in_no_heavy_library():
    script = (
        "import sys, har; dir(har); har.annotate; har.train; har.list_classifiers(); "
        "print([name for name in ('tensorflow', 'keras', 'dask', 'distributed', 'streamlit') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_every_public_name_is_there_and_documented():
    for name in har.__all__:
        assert getattr(har, name).__doc__
    assert dir(har) == sorted(har.__all__)
    with pytest.raises(AttributeError, match="no attribute 'anotate'"):
        har.anotate  # noqa: B018


@pytest.mark.training
def test_no_submodule_hides_a_public_function():
    for module in pkgutil.walk_packages(har.__path__, "har."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    for name in har.__all__:
        assert not isinstance(getattr(har, name), type(har)), name


@pytest.mark.training
def test_a_video_is_annotated_relabelled_and_saved(video, tmp_path):
    result = har.annotate(video, classifier="lrcn-figures", threshold=0.1)
    assert [segment.label for segment in result.segments if segment.label] == ["JumpingJack"]
    assert len(result.frames.times_sec) == len(result.to_csv().splitlines()) - 1
    assert all(segment.label is None for segment in result.relabel(threshold=1.0).segments)
    folder = result.save(tmp_path / "saved")
    assert {"annotated.mp4", "timeline.csv", "timeline.json", "captions.vtt"} <= {
        path.name for path in folder.iterdir()
    }


def test_relabelling_keeps_the_options_that_are_not_given():
    stored = open_annotation(annotated().folder)
    options = LabelOptions(timeline=TimelineOptions(threshold=0.4))
    stored = replace(stored.relabelled(options), card=replace(stored.card, labels=("squat", "wave"), threshold=0.3))
    assert Result(stored).relabel(smooth_sec=2.0).annotation.options.timeline == TimelineOptions(0.4, smooth_sec=2.0)
    assert Result(stored).relabel(labels="squat").frames.labels == ("squat",)


def test_saving_replaces_an_earlier_result_with_its_videos_and_nothing_else(tmp_path):
    stored = open_annotation(annotated().folder)
    assert Result(stored).save(stored.folder, video=False) == stored.folder
    assert not {"annotated.mp4", "proxy.mp4"} & {path.name for path in stored.folder.iterdir()}
    (tmp_path / "captions.srt").write_text("mine")
    with pytest.raises(OptionsError, match="is no result"):
        Result(stored).save(tmp_path)
    assert [path.read_text() for path in tmp_path.iterdir()] == ["mine"]


def test_labels_of_a_data_set_are_one_or_several_but_not_none(tmp_path):
    dataset = write_shades(tmp_path, range(1))
    assert har.open_dataset(dataset, "dark").labels == ("dark",)
    with pytest.raises(LabelsError, match="No label"):
        har.open_dataset(dataset, [])


def test_a_recipe_for_another_network_is_refused(tmp_path):
    with pytest.raises(OptionsError, match="convlstm"):
        har.train("no-such-set", "convlstm", folder=tmp_path, recipe=Recipe("lrcn"))


@pytest.mark.training
def test_a_classifier_is_trained_evaluated_and_used(video, tmp_path):
    (tmp_path / "shades").mkdir()
    dataset = har.open_dataset(write_shades(tmp_path / "shades", range(5)))
    recipe = recipe_for("lrcn", "tutorial", epochs=1, spec=ClipSpec(frames=4, height=64, width=64, span_sec=0.4))
    trained = har.train(dataset, folder=tmp_path / "mine", recipe=recipe)
    assert trained.classifier.card.labels == ("bright", "dark")
    classifier = har.load_classifier(str(tmp_path / "mine"))
    report = har.evaluate(classifier, dataset)
    assert 0 <= report.accuracy <= 1
    assert len(report.clips) == len(trained.split.test)
    assert har.annotate(video, classifier=classifier).segments


def test_shipped_classifiers_are_listed_and_loaded():
    names = [card.name for card in har.list_classifiers()]
    assert "lrcn-figures" in names
    with pytest.raises(har.HarError):
        har.load_classifier("no-such-classifier")


@pytest.mark.training
def test_the_snippet_in_the_readme_runs(video, tmp_path, monkeypatch, capsys):
    (snippet,) = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.S)
    (tmp_path / "video.mp4").write_bytes(video.read_bytes())
    monkeypatch.chdir(tmp_path)
    exec(snippet, {})  # noqa: S102  our own README
    assert re.search(r"0\.0 to \d+\.\d s: .+ \(\d+%\)", capsys.readouterr().out)
    assert (tmp_path / "video-annotated" / "annotated.mp4").is_file()
