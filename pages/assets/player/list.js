// All segments as buttons: what a screen reader reads, and a way to each for everybody.

class SegmentList {
  constructor(root, track, { seek, loop }) {
    this.box = root.querySelector(".list");
    this.items = track.segments.map((part, number) => {
      const item = element("button", part.label < 0 ? "item unsure" : "item");
      item.type = "button";
      item.style.setProperty("--colour", track.colour(part.label));
      item.title = `${track.name(part.label)} · ${behind(part.support)}`;
      const times = element("span", "times", `${clock(part.start)} – ${clock(part.end)}`);
      item.append(element("span", "swatch"), element("span", "name", track.name(part.label)), times);
      item.append(element("span", "share", part.mark ?? percent(part.confidence)));
      item.addEventListener("click", () => seek(number));
      item.addEventListener("dblclick", () => loop(number));
      return item;
    });
    const lines = this.items.map((item) => {
      const line = element("li");
      line.append(item);
      return line;
    });
    const { scrollTop } = this.box;
    this.box.replaceChildren(...lines);
    this.box.scrollTop = scrollTop;
  }

  // The page itself never moves: only what the list's own box shows.
  mark(number) {
    if (number === this.marked) return;
    this.items[this.marked]?.removeAttribute("aria-current");
    this.marked = number;
    const item = this.items[number];
    if (!item) return;
    item.setAttribute("aria-current", "true");
    const { offsetTop, offsetHeight } = item.parentElement;
    const { scrollTop, clientHeight } = this.box;
    if (offsetTop < scrollTop) this.box.scrollTop = offsetTop;
    else if (offsetTop + offsetHeight > scrollTop + clientHeight)
      this.box.scrollTop = offsetTop + offsetHeight - clientHeight;
  }
}

function behind(windows) {
  if (!windows) return "in no window: taken from the nearest";
  return `${windows} window${windows > 1 ? "s" : ""} at least behind each frame`;
}
