// Connects the parts: everything follows the video's frame.

const players = new WeakMap(); // by root element

export default function ({ parentElement, data: [data], setStateValue, setTriggerValue }) {
  const root = parentElement.querySelector(".player");
  const player = players.get(root);
  if (player?.track.growing && player.track.mark !== data.mark) player.update(data);
  else if (player?.track.mark !== data.mark) {
    player?.end();
    players.set(root, new Player(root, data, (corrections) => setStateValue("corrections", corrections)));
  } else {
    player.editor.receive(data.edit);
    player.guess(data.guessing);
  }
  players.get(root).offerWhy(data.mayAsk, setTriggerValue);
  return ofLastCall(root, () => {
    players.get(root).end();
    players.delete(root);
  });
}

class Player {
  constructor(root, data, send) {
    Object.assign(this, { root, send });
    this.track = unpack(data);
    this.listening = new AbortController();
    this.looped = null; // the number of the segment that is repeated
    this.part = (name) => root.querySelector(`.${name}`);
    const seek = (frame) => this.seek(frame);
    const loop = (number) => this.loop(number);
    this.edit(data);
    const picked = () => this.correcting?.picked();
    this.timeline = new Timeline(root, this.track, { seek, loop, picked, signal: this.listening.signal });
    this.list = new SegmentList(root, this.track, { seek: (number) => this.open(number), loop });
    this.describeTruth();
    this.describeOther();
    this.film = new Film(() => document.querySelector(`.st-key-${data.video} video`), this.track, {
      shown: (frame) => this.show(frame),
      changed: () => this.react(),
      captioned: () => {
        this.caption();
        this.recaption(); // the server's cues are added to those of corrections made meanwhile
      },
    });
    this.allowCorrecting(data);
    this.act();
    this.loop(null);
    this.show(this.film.frame);
  }

  // More of the same video has been analysed: playing and seeking are not interrupted.
  update(data) {
    this.track = this.film.track = unpack(data);
    this.edit(data);
    this.timeline.update(this.track);
    this.list.update(this.track);
    this.describeTruth();
    this.describeOther();
    this.allowCorrecting(data);
    this.show(Math.min(this.film.frame, this.track.count - 1));
  }

  edit({ edit }) {
    this.editor = new Editor(this.track, edit, { send: this.send, changed: (done) => this.redraw(done) });
  }

  allowCorrecting({ edit }) {
    if (edit.own && !this.track.growing) this.correcting ??= new Correcting(this.root, this);
  }

  // Segments have changed; not done: an edge is still being dragged.
  redraw(done) {
    if (!this.film) return;
    this.timeline.draw();
    if (!done) return this.correcting.drawEdges();
    this.list.update(this.track);
    this.describeTruth();
    this.number = undefined;
    if (this.looped !== null) this.loop(null);
    this.recaption();
    this.show(this.film.frame);
    this.correcting?.draw();
  }

  // Whether guesses are shown.
  guess(on) {
    if (this.track.guessing === on) return;
    this.track.guessing = on;
    this.redraw(true);
  }

  recaption() {
    if (!this.track.growing) recaption(this.film?.captions, this.track);
  }

  show(frame) {
    const { track } = this;
    if (this.turnBack(frame)) return;
    this.frame = frame;
    const label = track.labelOf(frame);
    this.showLabel(frame, label);
    this.showTop(frame);
    const number = Math.max(0, track.segmentAt(track.segments, track.times[frame]));
    const moved = number !== this.number;
    this.number = number;
    this.list.mark(number);
    this.timeline.move(frame);
    if (moved || !this.film?.playing) {
      this.timeline.announce(frame);
      this.correcting?.show();
    }
    if (track.truth) this.showTruth(frame, label);
    if (track.other) this.showOther(frame);
  }

  showLabel(frame, label) {
    const { track } = this;
    const now = this.part("now");
    now.dataset.frame = frame;
    const guess = this.beyond ? undefined : track.guessAt(frame);
    const sure = label < 0 && !track.markOf(frame) ? "" : track.confidenceText(frame);
    now.classList.toggle("unsure", label < 0 || this.beyond);
    now.classList.toggle("guess", Boolean(guess));
    now.style.setProperty("--colour", track.colour(guess?.label ?? label));
    this.write("label", this.beyond ? (track.growing ? "not analysed yet" : "not analysed") : track.nameAt(frame));
    this.write("sure", this.beyond ? "" : guess ? percent(guess.confidence) : sure);
    this.write("time", `${clock(track.times[frame])} / ${clock(track.duration)}`);
    this.write("count", ` · frame ${frame}`);
  }

  // Whether this part of the video has not been analysed (yet).
  get beyond() {
    if (this.frame >= this.track.known) return true;
    return this.track.stopped && this.film?.target === null && this.film.video?.currentTime > this.track.duration;
  }

  showTop(frame) {
    const found = this.beyond ? [] : this.track.topOf(frame);
    this.part("top")
      .querySelectorAll(".guess")
      .forEach((row, place) => {
        const guess = found[place];
        row.classList.toggle("none", !guess);
        const name = guess ? this.track.name(guess.label) : "";
        const [of, bar, share] = row.children;
        if (of.textContent !== name) of.textContent = of.title = name;
        bar.firstElementChild.style.transform = `scaleX(${guess?.probability ?? 0})`;
        bar.style.setProperty("--colour", guess ? this.track.colour(guess.label) : "transparent");
        share.textContent = guess ? percent(guess.probability) : "";
      });
  }

  describeTruth() {
    const { truth, right } = this.track;
    this.part("true").hidden = !truth;
    const words = truth ? ["Top row: ground truth"] : [];
    const before = this.editor.now ? " before corrections" : "";
    if (right !== null) words.push(`${percent(right)} correct${before}`);
    this.part("right").textContent = words.join(" · ");
  }

  showTruth(frame, label) {
    if (this.beyond) return this.write("true", "");
    const part = this.track.truth[Math.max(0, this.track.segmentAt(this.track.truth, this.track.times[frame]))];
    const actual = part.label < 0 ? "no action" : this.track.name(part.label);
    this.write("true", part.label === label ? "✓" : `Actual: ${actual}`);
  }

  describeOther() {
    const { other } = this.track;
    for (const name of ["second", "compared"]) this.part(name).hidden = !other;
    if (!other) return;
    const [first, second] = other.titles;
    const share = `They agree on ${percent(other.agreement)} of frames.`;
    const where = other.differing.length ? " The line between them marks where they differ." : "";
    this.write("compared", `Above: ${first}. Below: ${second}. ${share}${where}`);
  }

  showOther(frame) {
    const { other, times, name, colour, segmentAt } = this.track;
    const part = other.segments[Math.max(0, segmentAt(other.segments, times[frame]))];
    const beyond = times[frame] >= part.end && part.end < this.track.duration;
    const row = this.part("second");
    row.classList.toggle("unsure", part.label < 0 || beyond);
    row.style.setProperty("--colour", colour(part.label));
    this.write("which", `${other.titles[1]}: ${beyond ? "not analysed" : name(part.label)}`);
  }

  write(name, text) {
    const part = this.part(name);
    if (part.textContent !== text) part.textContent = text;
  }

  // A click on a segment leads to its start and, while editing, lists labels for it.
  open(number) {
    this.seek(this.track.firsts[number]);
    if (this.correcting?.on) this.correcting.open();
  }

  seek(frame) {
    const number = this.track.segmentAt(this.track.segments, this.track.times[frame]);
    if (this.looped !== null && number !== this.looped) this.loop(null);
    this.film.seek(frame);
  }

  lastOf(number) {
    return Math.max((this.track.firsts[number + 1] ?? this.track.known) - 1, this.track.firsts[number]);
  }

  // To the start of this segment or, from near its start, of the one before; or to the next.
  jump(by) {
    const near = this.film.frame - this.track.firsts[this.number] < 0.5 * this.perSecond();
    const number = by < 0 && !near ? this.number : this.number + by;
    if (number >= 0 && number < this.track.segments.length) this.seek(this.track.firsts[number]);
  }

  perSecond() {
    return Math.max(1, Math.round(this.track.count / this.track.duration));
  }

  loop(number) {
    this.looped = number;
    this.timeline.markLoop(this.track.segments[number]);
    this.part("loop").setAttribute("aria-pressed", number !== null);
    if (number === null) return;
    this.film.seek(this.track.firsts[number]);
    this.film.play();
  }

  // Whether a frame ends the looped segment, which then starts again.
  turnBack(frame) {
    if (this.looped === null || !this.film?.playing || this.film.target !== null) return false;
    if (frame >= this.track.firsts[this.looped] && frame < this.lastOf(this.looped)) return false;
    this.film.seek(this.track.firsts[this.looped]);
    return true;
  }

  react() {
    const { film } = this;
    if (!film) return;
    if (film.video?.ended && this.looped !== null) this.loop(this.looped);
    this.part("play").setAttribute("aria-label", film.playing ? "Pause" : "Play");
    this.part("play").classList.toggle("playing", film.playing);
    this.root.classList.toggle("on-film", Boolean(film.video));
    if (film.video) this.start();
    this.timeline.announce(film.frame);
    this.listenToVideo();
  }

  // Plays once by itself, without sound, unless the visitor wants no motion.
  start() {
    const { video } = this.film;
    if (this.root.dataset.started || video.dataset.started) return;
    this.root.dataset.started = video.dataset.started = true; // another player may follow in its place, or for its video
    if (video.muted && !video.currentTime && !matchMedia("(prefers-reduced-motion: reduce)").matches) this.film.play();
  }

  // The result's owner may ask for an explanation of the time on the screen.
  offerWhy(mayAsk, setTriggerValue) {
    const button = this.part("why");
    button.hidden = !mayAsk;
    button.onclick = () => {
      this.film.video?.pause();
      setTriggerValue("why", this.track.times[this.film.frame]);
    };
  }

  act() {
    const { signal } = this.listening;
    const acts = {
      back: () => this.jump(-1),
      before: () => this.film.step(-1),
      play: () => this.film.toggle(),
      after: () => this.film.step(1),
      on: () => this.jump(1),
      loop: () => this.loop(this.looped === null ? this.number : null),
      labelled: () => this.switchLabel(),
      help: () => this.showKeys(),
    };
    for (const [name, act] of Object.entries(acts)) this.part(name).addEventListener("click", act, { signal });
    this.root.addEventListener("keydown", (event) => this.press(event), { signal });
    const speed = this.part("speed");
    speed.addEventListener("change", () => (this.film.speed = Number(speed.value)), { signal });
    this.film.speed = Number(speed.value); // another player may have been in its place
    document.addEventListener("fullscreenchange", () => this.caption(), { signal });
    this.react();
  }

  // The keys also work while the video has the focus, instead of the browser's own.
  listenToVideo() {
    if (this.heardVideo === this.film.video) return;
    this.heardVideo = this.film.video;
    this.caption();
    this.heardVideo?.addEventListener("keydown", (event) => this.press(event), { signal: this.listening.signal });
  }

  switchLabel() {
    const shown = this.part("labelled").getAttribute("aria-pressed") !== "true";
    this.part("labelled").setAttribute("aria-pressed", shown);
    this.root.classList.toggle("unlabelled", !shown);
    this.caption();
  }

  // Captions show the label where the page cannot: in full screen.
  caption() {
    const { captions } = this.film ?? {};
    const shown = document.fullscreenElement && !this.root.classList.contains("unlabelled");
    if (captions) captions.mode = shown ? "showing" : "hidden";
  }

  showKeys(shown = this.part("keys").hidden) {
    this.part("keys").hidden = !shown;
    this.part("help").setAttribute("aria-expanded", shown);
  }

  press(event) {
    const [at] = event.composedPath();
    if (at instanceof HTMLInputElement || at instanceof HTMLSelectElement) return;
    if (this.correcting?.command(event)) {
      event.preventDefault();
      event.stopPropagation();
      return;
    }
    const bracket = event.key === "[" || event.key === "]"; // typed with Alt, or Ctrl and Alt, on some keyboards
    if (event.metaKey || (!bracket && (event.ctrlKey || event.altKey))) return;
    const onButton = at instanceof HTMLButtonElement;
    const second = this.perSecond();
    const keys = {
      ArrowLeft: () => this.film.step(event.shiftKey ? -second : -1),
      ArrowRight: () => this.film.step(event.shiftKey ? second : 1),
      PageDown: () => this.film.step(-second),
      PageUp: () => this.film.step(second),
      Home: () => this.seek(0),
      End: () => this.seek(this.track.count - 1),
      "[": () => this.jump(-1),
      "]": () => this.jump(1),
      "+": () => this.timeline.zoomBy(1),
      "-": () => this.timeline.zoomBy(-1),
      l: () => this.loop(this.looped === null ? this.number : null),
      c: () => this.switchLabel(),
      "?": () => this.showKeys(),
      ...this.correcting?.keys(),
    };
    if (!onButton) keys[" "] = () => this.film.toggle();
    if (this.looped !== null) keys.Escape = () => this.loop(null);
    if (!this.part("keys").hidden) keys.Escape = () => this.showKeys(false);
    const act = keys[event.key];
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  }

  end() {
    this.editor.flush();
    this.listening.abort();
    this.film.end();
  }
}
