// The timeline: segments in their colours, as high as their confidence; ground truth above them; the playhead over both.

const POINTS = 900; // of all outlines together: about one for each column of a screen
const LONG = 30; // seconds: the timelines of longer videos can be zoomed
const FRAMES = 24; // of the filmstrip, whose picture is in a property of the page: ui/annotate/player.py
const DENSE = 90; // with more segments no gaps are drawn between them

class Timeline {
  // picked: called after a click, which has sought, without a drag.
  constructor(root, track, { seek, loop, picked, signal }) {
    Object.assign(this, { root, track, seek, loop, picked, signal });
    this.slider = root.querySelector(".timeline");
    this.lane = root.querySelector(".lane");
    this.zoom = root.querySelector(".zoom");
    this.tip = root.querySelector(".tip");
    this.head = root.querySelector(".head");
    this.looped = root.querySelector(".looped");
    root.querySelector(".filmstrip").replaceChildren(...Array.from({ length: FRAMES }, (_, place) => cell(place)));
    this.draw();
    this.listen();
  }

  draw() {
    const { track } = this;
    this.zoom.hidden = track.duration < LONG;
    const times = this.times;
    this.slider.style.width = `${100 * times}%`;
    this.lane.classList.toggle("zoomed", times > 1);
    const parts = this.root.querySelector(".segments");
    const bars = track.segments.map((part) => this.bar(part, part.mark ? "" : outline(track, part, POINTS * times)));
    parts.replaceChildren(...bars, ...this.guesses());
    parts.classList.toggle("dense", track.segments.length > DENSE);
    const truth = this.root.querySelector(".truth");
    truth.replaceChildren(...(track.truth ?? []).map((part) => this.bar(part, "")));
    truth.hidden = !track.truth;
    this.drawOther();
    this.drawCuts();
    this.slider.setAttribute("aria-valuemax", track.count - 1);
  }

  // Over unsure segments, as high as they are probable.
  guesses() {
    const { guesses, segments, segmentAt } = this.track;
    const open = guesses.filter(({ start }) => {
      const { label, mark } = segments[Math.max(0, segmentAt(segments, start))];
      return label < 0 && !mark;
    });
    return open.map((part) => {
      const bar = this.bar(part, `inset(${100 - 100 * part.confidence}% 0 0)`);
      bar.classList.add("guess");
      return bar;
    });
  }

  // A second classifier's segments below the first's, and between them marks where the two differ.
  drawOther() {
    const { other, duration } = this.track;
    const [differing, second] = ["differing", "other"].map((name) => this.root.querySelector(`.${name}`));
    differing.hidden = second.hidden = !other;
    second.replaceChildren(...(other?.segments ?? []).map((part) => this.bar(part, `inset(${100 - 100 * part.confidence}% 0 0)`)));
    second.classList.toggle("dense", (other?.segments.length ?? 0) > DENSE);
    const marks = (other?.differing ?? []).map(([start, end]) => {
      const mark = element("div", "mark");
      Object.assign(mark.style, this.span({ start, end: Math.min(end, duration) }));
      return mark;
    });
    differing.replaceChildren(...marks);
  }

  // Where the shots of an edited video begin.
  drawCuts() {
    const { cuts, duration } = this.track;
    const marks = cuts.map((seconds) => {
      const mark = element("div", "cut");
      mark.style.left = `${(100 * seconds) / duration}%`;
      return mark;
    });
    this.root.querySelector(".cuts").replaceChildren(...marks);
  }

  update(track) {
    this.track = track;
    this.draw();
  }

  bar(part, shape) {
    const bar = element("div", part.label < 0 ? "bar unsure" : "bar");
    const body = element("div", "body");
    body.style.clipPath = shape;
    bar.style.setProperty("--colour", this.track.colour(part.label));
    Object.assign(bar.style, this.span(part));
    bar.append(body);
    return bar;
  }

  span({ start, end }) {
    const { duration } = this.track;
    return { left: `${(100 * start) / duration}%`, width: `${(100 * (end - start)) / duration}%` };
  }

  listen() {
    const { slider, signal } = this;
    const on = (name, act) => slider.addEventListener(name, act, { signal });
    on("pointerdown", (event) => {
      if (event.button !== 0) return;
      slider.setPointerCapture(event.pointerId);
      this.dragged = true;
      this.from = event.clientX;
      this.seek(this.frameUnder(event));
    });
    on("pointermove", (event) => {
      if (this.dragged) this.seek(this.frameUnder(event));
      if (event.pointerType === "mouse" || this.dragged) this.showTip(event);
    });
    const done = () => {
      this.dragged = false;
      this.tip.hidden = true;
    };
    on("pointerup", (event) => this.dragged && Math.abs(event.clientX - this.from) < 4 && this.picked());
    for (const name of ["pointerup", "pointercancel", "pointerleave"]) on(name, done);
    this.zoom.addEventListener("change", () => this.show(), { signal });
    on("dblclick", (event) => this.loop(this.segmentUnder(event)));
  }

  get times() {
    return this.zoom.hidden ? 1 : Number(this.zoom.value);
  }

  // To the next zoom, or the one before.
  zoomBy(steps) {
    const { selectedIndex, options } = this.zoom;
    if (this.zoom.hidden || !options[selectedIndex + steps]) return;
    this.zoom.selectedIndex += steps;
    this.show();
  }

  // At a new zoom the playhead is in the middle.
  show() {
    this.draw();
    this.lane.scrollLeft = this.headAt - this.lane.clientWidth / 2;
  }

  get headAt() {
    return (parseFloat(this.head.style.left) / 100) * this.slider.clientWidth;
  }

  secondsUnder(event) {
    const { left, width } = this.slider.getBoundingClientRect();
    return Math.min(Math.max((event.clientX - left) / width, 0), 1) * this.track.duration;
  }

  frameUnder(event) {
    return frameAt(this.track.times, this.secondsUnder(event));
  }

  segmentUnder(event) {
    return Math.max(0, this.track.segmentAt(this.track.segments, this.secondsUnder(event)));
  }

  showTip(event) {
    const { track, tip } = this;
    const seconds = this.secondsUnder(event);
    const names = [track.nameAt(frameAt(track.times, seconds)), otherName(track, seconds)].filter(Boolean);
    tip.textContent = `${clock(seconds)} · ${names.join(" / ")}`;
    tip.hidden = false;
    const { left, width } = this.lane.getBoundingClientRect();
    const half = tip.offsetWidth / 2;
    tip.style.left = `${Math.min(Math.max(event.clientX - left, half), width - half)}px`;
  }

  move(frame) {
    this.head.style.left = `${(100 * Math.min(this.track.times[frame], this.track.duration)) / this.track.duration}%`;
    const { scrollLeft, clientWidth } = this.lane;
    if (this.times > 1 && !this.dragged && (this.headAt < scrollLeft || this.headAt > scrollLeft + clientWidth))
      this.lane.scrollLeft = this.headAt - 0.1 * clientWidth;
  }

  // For screen readers; while the video plays, not for every frame.
  announce(frame) {
    const { track, slider } = this;
    const label = track.labelOf(frame);
    const words = [clock(track.times[frame]), track.nameAt(frame)];
    if (label >= 0) words.push(track.confidenceText(frame));
    const guess = track.guessAt(frame);
    if (guess) words.push(percent(guess.confidence));
    const other = otherName(track, track.times[frame]);
    if (other) words.push(`below: ${other}`);
    const { cuts } = track;
    if (cuts.length) words.push(`shot ${last(cuts, track.times[frame] + 1e-4) + 2} of ${cuts.length + 1}`);
    slider.setAttribute("aria-valuenow", frame);
    slider.setAttribute("aria-valuetext", words.join(", "));
  }

  markLoop(segment) {
    this.looped.hidden = !segment;
    if (segment) Object.assign(this.looped.style, this.span(segment));
  }
}

// A place of the filmstrip: the frame in its middle is as wide as it should be, however wide the timeline is.
function cell(place) {
  const [outer, frame] = [element("span"), element("i")];
  frame.style.backgroundSize = `${100 * FRAMES}% 100%`;
  frame.style.backgroundPosition = `${(100 * place) / (FRAMES - 1)}% 0`;
  outer.append(frame);
  return outer;
}

// A second classifier's label at a time; empty where it has none.
function otherName({ other, segmentAt, name }, seconds) {
  const part = other?.segments[Math.max(0, segmentAt(other.segments, seconds))];
  return part && seconds < part.end ? name(part.label) : "";
}

// The confidence over a segment, as a shape in percent of its box.
function outline(track, { start, end }, most) {
  const first = frameAt(track.times, start);
  const length = Math.max(1, frameAt(track.times, end - 1e-3) + 1 - first);
  const count = Math.min(length, Math.max(2, Math.round((most * (end - start)) / track.duration)));
  const points = [];
  for (let point = 0; point < count; point++) {
    const share = count > 1 ? point / (count - 1) : 0;
    const height = track.confidenceOf(first + Math.round(share * (length - 1)));
    points.push(`${(100 * share).toFixed(2)}% ${(100 - 100 * height).toFixed(1)}%`);
    if (count === 1) points.push(`100% ${(100 - 100 * height).toFixed(1)}%`);
  }
  return `polygon(0% 100%, ${points.join(", ")}, 100% 100%)`;
}
