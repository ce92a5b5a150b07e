// The labels of the last 20 seconds as bars, from left to right, and now at the right edge.
const HISTORY_SEC = 20;

class History {
  constructor(box) {
    this.box = box;
    this.clear();
  }

  clear() {
    this.runs = []; // { from, label (null: unsure), colour }; each lasts until the next one
    this.box.replaceChildren();
  }

  add(sec, label, colour) {
    if (this.runs.at(-1)?.label !== label || !this.runs.length) this.runs.push({ from: sec, label, colour });
  }

  draw(nowSec) {
    const begin = nowSec - HISTORY_SEC;
    while (this.runs.length > 1 && this.runs[1].from <= begin) this.runs.shift();
    const bars = this.runs.map(({ from, label, colour }, place) => {
      const bar = element("div", label === null ? "bar unsure" : "bar", label ?? "unsure");
      const end = this.runs[place + 1]?.from ?? nowSec;
      const start = Math.max(from, begin);
      bar.title = label ?? "unsure";
      bar.style.setProperty("--colour", colour);
      bar.style.left = `${(100 * (start - begin)) / HISTORY_SEC}%`;
      bar.style.width = `${(100 * Math.max(end - start, 0)) / HISTORY_SEC}%`;
      return bar;
    });
    this.box.replaceChildren(...bars);
  }
}
