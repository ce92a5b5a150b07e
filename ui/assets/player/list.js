// All segments as buttons, for the mouse, the keyboard and screen readers.

class SegmentList {
  constructor(root, track, { seek, loop }) {
    Object.assign(this, { box: root.querySelector(".list"), seek, loop, items: [] });
    this.box.replaceChildren();
    this.update(track);
  }

  // Items that have not changed stay, with their focus.
  update(track) {
    track.segments.forEach((part, number) => {
      const words = JSON.stringify([part, track.name(part.label), track.colour(part.label), guessesOf(track, part)]);
      if (this.items[number]?.dataset.words === words) return;
      const item = this.item(track, part, number);
      item.dataset.words = words;
      if (this.items[number]) this.items[number].replaceWith(item);
      else this.box.appendChild(element("li")).append(item);
      if (number === this.marked) this.marked = null;
      this.items[number] = item;
    });
    for (const item of this.items.splice(track.segments.length)) item.parentElement.remove();
  }

  item(track, part, number) {
    const guesses = guessesOf(track, part);
    const name = guesses.length ? `Closest: ${guesses.join(", ")}` : track.name(part.label);
    const item = element("button", `item${part.label < 0 ? " unsure" : ""}${guesses.length ? " guess" : ""}`);
    item.type = "button";
    item.style.setProperty("--colour", track.colour(part.label));
    item.title = `${name} · ${coverage(part.support)}`;
    const times = element("span", "times", `${clock(part.start)} – ${clock(part.end)}`);
    item.append(element("span", "swatch"), element("span", "name", name), times);
    item.append(element("span", "share", part.mark ?? percent(part.confidence)));
    item.addEventListener("click", () => this.seek(number));
    item.addEventListener("dblclick", () => this.loop(number));
    return item;
  }

  // Scrolls the list, never the page.
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

// The closest labels of an unsure segment, those of most of its time first.
function guessesOf(track, { start, end, label, mark }) {
  if (label >= 0 || mark) return [];
  const seconds = new Map();
  for (const part of track.guesses) {
    const common = Math.min(end, part.end) - Math.max(start, part.start);
    if (common > 1e-3) seconds.set(part.label, (seconds.get(part.label) ?? 0) + common);
  }
  return [...seconds].sort((one, other) => other[1] - one[1]).map(([guess]) => track.name(guess));
}

function coverage(windows) {
  if (!windows) return "in no window: label of the nearest one";
  return `each frame is in at least ${windows} window${windows > 1 ? "s" : ""}`;
}
