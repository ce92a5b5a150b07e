"""Text of strangers on all pages: titles, labels, names and groups become neither links nor pictures."""

import json
import shutil
from dataclasses import replace

import pytest
from playwright.sync_api import expect

from har import sharing
from har.datasets import user_sets
from har.results import open_annotation, replace_segments
from har.results.store import write_notes
from har.settings import override_settings
from har.sharing import SharedKind, SharedResult
from har.timeline import Piece
from tests.browser.made import make_result
from tests.browser.scenes import as_owner, settle
from tests.ui.train_pages import evaluation, finished, outcome

_HOST = "evil.example"
HOSTILE = (
    f"[Session expired: sign in](https://{_HOST}/a) ![p](https://{_HOST}/p.png) https://{_HOST}/b www.{_HOST} "
    f"a@{_HOST} <a href='https://{_HOST}/c'>x</a> <img src='https://{_HOST}/i.png'> <https://{_HOST}/d> :red[x] `y` $z$"
)
LABEL = f"www.{_HOST} [a](b)"  # a folder can have this name
# Links and pictures that lead to the strangers' host, in every shadow root, and in the drawings of Plotly.
_FOUND = """() => {
  const found = [];
  const look = (root) => {
    for (const node of root.querySelectorAll("*")) {
      for (const { name, value } of node.attributes)
        if (/href|src/.test(name) && value.includes("evil.example")) found.push(node.outerHTML.slice(0, 200));
      if (node.shadowRoot) look(node.shadowRoot);
    }
  };
  look(document);
  return found;
}"""


@pytest.fixture(scope="module")
def addresses(app, clip):
    """Pages with hostile text, and what is seen on each when it is whole."""
    made = make_result(app.home, [0, 0, 1, 1, 2, 2], (HOSTILE[:150], LABEL, "walk"), 90)
    (made.folder / "name.txt").write_text(HOSTILE, encoding="utf-8")
    shown = open_annotation(made.folder)
    write_notes(made.folder, shown.info, replace(shown.card, title=HOSTILE, description=HOSTILE), shown.options)
    replace_segments(open_annotation(made.folder), (Piece(0.0, HOSTILE[:95], "corrected"), Piece(1.0, LABEL)))
    name = user_sets.new_name()
    for number in range(3):
        folder = app.home / "own-datasets" / name / (LABEL if number else "walk")
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(clip, folder / f"www.{_HOST} a@{_HOST} {number}.mp4")
    (app.home / "own-datasets" / name / "title.txt").write_text(HOSTILE[:100])
    clips = [(HOSTILE, HOSTILE)] * 5 + [("Wave", HOSTILE)] * 3
    found = evaluation(clips, {"shuffled": 5, "reversed": 4, "frozen": 3})
    found = replace(found, report=replace(found.report, labels=(HOSTILE, "Wave")))
    groups = {"train": (HOSTILE, "g02"), "validation": (f"www.{_HOST}",), "test": ("g04",)}
    result = outcome(found, note=HOSTILE)
    result = replace(result, split=replace(result.split, groups=groups))
    run = finished(result, labels=(HOSTILE, "Wave"), dataset=name)
    plan = json.loads((run.folder / "plan.json").read_text()) | {"title": HOSTILE}
    (run.folder / "plan.json").write_text(json.dumps(plan))
    if run.folder.parent != app.home / "runs":
        shutil.copytree(run.folder, app.home / "runs" / run.id)
    with override_settings(home=app.home):
        links = [
            sharing.share(SharedResult(SharedKind.ANNOTATION, made.folder.name)),
            sharing.share(SharedResult(SharedKind.RUN, run.id)),
        ]
    return {
        made.address: ".player .item",
        f"/shared?link={links[0]}": ".player .item",
        f"/shared?link={links[1]}": "text=Accuracy on test clips",
        "/train": "text=Your runs",
        f"/train?run={run.id}": "text=Accuracy on test clips",
        f"/train?dataset={name}": "text=Your runs",
        f"/explore?dataset={name}": "text=Samples",
        f"/explore?dataset={name}&view=facts": "text=Samples",
        f"/explore?dataset={name}&view=split": "text=Samples",
        f"/explore?dataset={name}&view=sight": "text=Samples",
        f"/explore?dataset={HOSTILE.replace(' ', '+')}": "text=There is no data set",
        "/annotate?job=none": "text=Annotate",
    }


@pytest.mark.promise(
    "hostile", "Titles, labels, names and groups from other people become neither links nor pictures on any page"
)
def test_text_of_strangers_becomes_neither_links_nor_pictures(page, addresses):
    as_owner(page)
    seen = ""
    for address, whole in addresses.items():
        page.goto(address)
        page.locator(whole).first.wait_for(timeout=60_000)
        settle(page)
        for box in page.locator("[data-testid=stExpander] summary").all():
            box.click()
        settle(page)
        expect(page.locator("[data-testid=stException]")).to_have_count(0)
        assert page.evaluate(_FOUND) == [], address
        seen += page.locator("body").inner_text().replace("\u2060", "")
    assert seen.count(f"https://{_HOST}/a") > 3  # the text itself is shown
