// Corrections, made at once in the browser and sent to the server a moment later. Their format: har/timeline/corrections.py.
// A piece is [start in seconds, label or null, mark or null], and lasts until the next.

const STEPS = 50; // of undo
const ROOM = 8_000; // pieces of all these steps
const WAIT = 400; // milliseconds without another change before they are sent

class Editor {
  // changed: called when segments have changed, with false while an edge is still being dragged.
  // send: sends corrections to the server.
  constructor(track, edit, { changed, send }) {
    Object.assign(this, { track, edit, changed, send });
    this.id = crypto.getRandomValues(new Uint32Array(2)).join("");
    this.count = 0;
    this.base = track.segments;
    this.known = track.labels.length; // without further labels of corrections
    this.take(edit);
  }

  take({ corrections, serial }) {
    Object.assign(this, corrections, { serial });
    this.apply();
  }

  // Corrections of another tab, which replace what was not stored here; a redo brings that back.
  takeInstead(edit) {
    const own = this.saved === false ? [this.now] : [];
    clearTimeout(this.timer);
    this.timer = this.before = null;
    this.saved = undefined;
    this.take(edit);
    this.future = [...own, ...this.future];
  }

  // From the page: confirmation of what was sent, or other corrections, as after a reset.
  receive(edit) {
    if (edit.serial === `${this.id}:${this.count}`) this.saved = true;
    else if (!edit.serial.startsWith(`${this.id}:`) && edit.serial !== this.serial) this.takeInstead(edit);
    else return;
    this.changed(true);
  }

  // A copy, for the next step to change.
  get pieces() {
    if (this.now) return [...this.now];
    return this.base.map(({ start, label }) => [start, label < 0 ? null : this.track.labels[label], null]);
  }

  apply() {
    this.track.labels.length = this.track.colours.length = this.known;
    applyPieces(this.track, this.base, this.now, this.edit.palette);
  }

  // Takes a step; not done: one of several that count as one, while an edge is dragged.
  to(pieces, done = true) {
    this.before ??= { now: this.now };
    this.now = pieces;
    if (done) {
      this.past = trimmed([...this.past, this.before.now]);
      this.future = [];
      this.before = null;
      this.sendLater();
    }
    this.apply();
    this.changed(done);
  }

  undo() {
    if (!this.past.length) return;
    this.future = trimmed([this.now, ...this.future].reverse()).reverse();
    this.now = this.past.pop();
    this.moved();
  }

  redo() {
    if (!this.future.length) return;
    this.past = trimmed([...this.past, this.now]);
    this.now = this.future.shift();
    this.moved();
  }

  moved() {
    this.sendLater();
    this.apply();
    this.changed(true);
  }

  sendLater() {
    this.count += 1;
    this.saved = false;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.flush(), WAIT);
  }

  flush() {
    if (!this.timer) return;
    clearTimeout(this.timer);
    this.timer = null;
    const { now, past, future } = this;
    this.send({ serial: `${this.id}:${this.count}`, after: this.serial, now, past, future });
  }

  // The actions on a segment, by its number; each does nothing where it is impossible.

  label(number, label) {
    const { pieces } = this;
    if (pieces[number][1] === label && pieces[number][2]) return;
    pieces[number] = [pieces[number][0], label, pieces[number][1] === label ? "confirmed" : "corrected"];
    this.to(pieces);
  }

  confirm(number) {
    this.label(number, this.pieces[number][1]);
  }

  confirmAll() {
    this.to(this.pieces.map(([start, label, mark]) => [start, label, mark ?? "confirmed"]));
  }

  split(number, frame) {
    if (frame <= this.track.firsts[number]) return;
    const [, label, mark] = this.pieces[number];
    this.to(this.pieces.toSpliced(number + 1, 0, [this.track.times[frame], label, mark]));
  }

  join(number) {
    const { pieces } = this;
    if (number + 1 >= pieces.length) return;
    pieces[number] = [pieces[number][0], pieces[number][1], "corrected"];
    this.to(pieces.toSpliced(number + 1, 1));
  }

  // Moves the edge before a segment, so that both sides keep at least a frame.
  move(number, frame, done = true) {
    const { firsts, count } = this.track;
    if (number < 1 || number >= firsts.length) return;
    frame = Math.min(Math.max(frame, firsts[number - 1] + 1), (firsts[number + 1] ?? count) - 1);
    if (frame === firsts[number] && !this.before) return;
    const { pieces } = this;
    pieces[number - 1] = [pieces[number - 1][0], pieces[number - 1][1], "corrected"];
    pieces[number] = [this.track.times[frame], pieces[number][1], "corrected"];
    this.to(pieces, done);
  }

  // Ends the dragging of an edge.
  settle() {
    if (this.before) this.to(this.pieces);
  }
}

// Puts corrections into the track; without any, what the classifier predicted. The page gives further labels the same
// colours: `colours` in ui/annotate/corrections.py.
function applyPieces(track, base, pieces, palette) {
  const known = (label) => {
    if (label === null) return -1;
    if (!track.labels.includes(label)) {
      const free = palette.find((colour) => !track.colours.includes(colour));
      track.colours.push(free ?? palette[track.labels.length % palette.length]);
      track.labels.push(label);
    }
    return track.labels.indexOf(label);
  };
  track.segments = !pieces
    ? base
    : pieces.map(([start, label, mark], number) => {
        const { confidence, support } = base[Math.max(0, last(base, start + 1e-4, (part) => part.start))];
        return { start, end: pieces[number + 1]?.[0] ?? track.duration, label: known(label), mark, confidence, support };
      });
  track.firsts = track.segments.map(({ start }) => frameAt(track.times, start));
  track.runs = { first: track.firsts, label: track.segments.map(({ label }) => label) };
}

function trimmed(steps) {
  let room = ROOM;
  const kept = steps.slice(-STEPS).reverse();
  const end = kept.findIndex((step) => (room -= step?.length ?? 0) < 0);
  return (end < 0 ? kept : kept.slice(0, end)).reverse();
}

// Makes the video's captions follow the timeline, without the server.
function recaption(captions, { segments, name }) {
  if (!captions?.cues) return;
  for (const cue of [...captions.cues]) captions.removeCue(cue);
  const safe = (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
  for (const { start, end, label } of segments)
    if (label >= 0) captions.addCue(new VTTCue(start, end, safe(name(label))));
}
