// The controls for corrections: buttons for the segment on the screen, and edges to drag. The corrections: edit.js.

class Correcting {
  constructor(root, player) {
    Object.assign(this, { root, player, editor: player.editor, track: player.track });
    this.bar = root.querySelector(".correct");
    this.edges = root.querySelector(".edges");
    this.button = root.querySelector(".edit");
    this.button.hidden = false;
    for (const keys of root.querySelectorAll(".editing-keys")) keys.hidden = false;
    this.part = (name) => this.bar.querySelector(`.${name}`);
    const { signal } = player.listening;
    this.bar.addEventListener("focusin", () => player.film.video?.pause(), { signal });
    for (const [name, act] of Object.entries(this.actions())) {
      const button = this.part(name);
      const press = () => button.getAttribute("aria-disabled") !== "true" && act();
      button.addEventListener("click", press, { signal });
    }
    this.button.addEventListener("click", () => this.turn(!this.on), { signal });
    const choose = (label) => this.editor.label(this.number, label);
    this.box = new LabelBox(this.bar, { labels: () => this.labels(), choose, signal });
    const leave = () => document.hidden && this.editor.flush();
    document.addEventListener("visibilitychange", leave, { signal });
    window.addEventListener("pagehide", () => this.editor.flush(), { signal });
    this.drag(signal);
    this.draw();
    this.turn(root.dataset.editing === "true");
  }

  // Whether editing is on: only then are there controls, edges and keys that change anything.
  turn(on) {
    this.on = on;
    this.root.dataset.editing = on; // another player may follow in its place
    this.button.setAttribute("aria-pressed", on);
    this.bar.hidden = this.edges.hidden = !on;
    this.opened = null; // the segment whose labels were last listed
  }

  // Lists the labels for the segment on the screen. On a phone without the keyboard, which would cover the page.
  open() {
    this.opened = this.number;
    this.player.film.video?.pause();
    for (const part of [this.player.film.video, this.bar]) part?.scrollIntoView({ block: "nearest", behavior: "instant" });
    this.box.show(this.label);
    if (matchMedia("(pointer: coarse)").matches) this.box.open();
    else this.box.input.focus({ preventScroll: true });
    this.box.open();
  }

  // A click on the timeline, after it has sought: lists labels if it led to another segment.
  picked() {
    if (this.on && this.opened !== this.number) this.open();
  }

  get label() {
    return this.track.name(this.track.segments[this.number].label);
  }

  get number() {
    return this.player.number;
  }

  actions() {
    const { editor, player } = this;
    const frame = () => player.film.frame;
    return {
      confirm: () => editor.confirm(this.number),
      "confirm-rest": () => editor.confirmAll(),
      start: () => editor.move(this.number, frame()),
      finish: () => editor.move(this.number + 1, frame() + 1),
      split: () => editor.split(this.number, frame()),
      join: () => editor.join(this.number),
      remove: () => editor.label(this.number, null),
      undo: () => editor.undo(),
      redo: () => editor.redo(),
    };
  }

  keys() {
    if (!this.on) return {};
    const actions = this.actions();
    return { s: actions.split, m: actions.join, i: actions.start, o: actions.finish, y: actions.confirm, Delete: actions.remove };
  }

  // Undo and redo; other keys with Ctrl are not ours.
  command(event) {
    if (!this.on || !(event.ctrlKey || event.metaKey) || event.altKey) return false;
    const key = event.key.toLowerCase();
    if (key === "y" || (key === "z" && event.shiftKey)) this.editor.redo();
    else if (key === "z") this.editor.undo();
    else return false;
    return true;
  }

  draw() {
    this.drawEdges();
    this.show();
  }

  // The labels to choose from: the closest ones of this segment, those of this video, all others.
  labels() {
    const { track } = this;
    const { start, end } = track.segments[this.number];
    const guesses = track.guesses.filter((part) => part.start < end && part.end > start).map(({ label }) => label);
    const closest = [...guesses, ...track.topOf(this.player.film.frame).map(({ label }) => label)];
    const sorted = (labels) => [...labels].sort();
    const notes = [
      [closest.map((label) => track.labels[label]), "likely"],
      [sorted(track.segments.filter(({ label }) => label >= 0).map(({ label }) => track.labels[label])), "in this video"],
      [sorted(this.editor.edit.known), ""],
    ];
    const found = new Map();
    for (const [labels, note] of notes) for (const label of labels) if (!found.has(label)) found.set(label, note);
    return [...found];
  }

  // For the segment on the screen now.
  show() {
    const { track, number, editor } = this;
    const part = track.segments[number];
    if (!part) return;
    const frame = this.player.film?.frame ?? 0;
    this.box.show(this.label);
    const about = `Correct segment ${number + 1} of ${track.segments.length}, ${clock(part.start)} – ${clock(part.end)}`;
    this.part("about").textContent = about;
    const off = {
      confirm: Boolean(part.mark),
      "confirm-rest": track.segments.every(({ mark }) => mark),
      start: number === 0 || frame <= track.firsts[number],
      finish: number + 1 >= track.segments.length || frame + 1 >= track.firsts[number + 1],
      split: frame <= track.firsts[number],
      join: number + 1 >= track.segments.length,
      remove: part.label < 0 && Boolean(part.mark),
      undo: !editor.past.length,
      redo: !editor.future.length,
    };
    // With `disabled` a button would lose the focus, and keyboard users their place.
    for (const [name, is] of Object.entries(off)) this.part(name).setAttribute("aria-disabled", is);
    this.edges.querySelectorAll(".edge").forEach((edge, place) => {
      edge.classList.toggle("near", place + 1 === number || place === number);
    });
    const state = editor.saved === undefined ? "" : editor.saved ? "Saved" : "Saving…";
    if (this.part("saved").textContent !== state) this.part("saved").textContent = state;
  }

  drawEdges() {
    const { segments, duration } = this.track;
    while (this.edges.children.length < segments.length - 1) this.edges.append(element("div", "edge"));
    while (this.edges.children.length > Math.max(0, segments.length - 1)) this.edges.lastChild.remove();
    segments.slice(1).forEach(({ start }, place) => {
      this.edges.children[place].style.left = `${(100 * start) / duration}%`;
    });
  }

  // An edge follows the pointer, and the picture the edge. A click without a move counts as one on the timeline.
  drag(signal) {
    const { player, editor } = this;
    let moved = null;
    const on = (name, act) => this.edges.addEventListener(name, act, { signal });
    on("pointerdown", (event) => {
      if (event.button !== 0 || !event.target.classList.contains("edge")) return;
      event.stopPropagation();
      moved = { number: [...this.edges.children].indexOf(event.target) + 1, from: event.clientX, under: event.target };
      this.edges.setPointerCapture(event.pointerId);
      player.film.video?.pause();
    });
    on("pointermove", (event) => {
      if (!moved) return;
      event.stopPropagation();
      if (!moved.started && Math.abs(event.clientX - moved.from) < 3) return;
      moved.started = true;
      moved.under.classList.add("held");
      editor.move(moved.number, player.timeline.frameUnder(event), false);
      player.film.seek(this.track.firsts[moved.number]);
      player.timeline.showTip(event);
    });
    const done = (event) => {
      if (!moved) return;
      event.stopPropagation();
      moved.under.classList.remove("held");
      player.timeline.tip.hidden = true;
      if (moved.started) editor.settle();
      else player.seek(player.timeline.frameUnder(event));
      moved = null;
    };
    for (const name of ["pointerup", "pointercancel"]) on(name, done);
  }
}
