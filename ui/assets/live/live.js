// The camera's frames to the server, in bundles, and its labels back onto the page: ui/live/visit.py answers.
const BUNDLE_SEC = 0.5; // of frames in a message; more wait while an answer is due
const WAITING_SEC = 2; // of frames that wait; older ones are left out
const START_SEC = 180; // for the answer to a start: a classifier may be downloaded, or converted
const ANSWER_SEC = 5; // for that to frames; it may be lost if the page runs at the same time
const MOST_LOST = 4; // answers in a row, after which the server counts as gone
const GONE = "The server does not answer. Reload the page, and try again.";
const SPOKEN_SEC = 2; // between two labels that a screen reader hears
const QUALITY = { least: 0.3, most: 0.9, step: 0.05 }; // of a picture
const KINDS = ["image/webp", "image/jpeg"]; // of a picture: the first that the browser makes; the latter all do
const HIDDEN = "The camera was stopped because this page was hidden, to spare the server.";
const panels = new WeakMap();

export default function ({ parentElement, data: [data], setTriggerValue }) {
  const root = parentElement.querySelector(".live");
  if (!panels.has(root)) panels.set(root, new Panel(root, data));
  panels.get(root).update(data, (message) => setTriggerValue("message", message));
  return ofLastCall(root, () => {
    panels.get(root).remove();
    panels.delete(root);
  });
}

// Messages to the server, one at a time: one that is sent before the answer to another may be lost.
class Line {
  constructor() {
    this.last = Promise.resolve();
    this.number = Date.now(); // larger than any of an earlier visit to this page
  }

  // The answer to a message; undefined: there is none in time.
  ask(message, sec = ANSWER_SEC) {
    const answer = this.last.then(
      () =>
        new Promise((resolve) => {
          const number = ++this.number;
          const timer = setTimeout(() => {
            this.waiting = null;
            resolve();
          }, sec * 1000);
          this.waiting = { number, resolve, timer };
          this.send({ number, ...message });
        }),
    );
    this.last = answer;
    return answer;
  }

  receive(answer) {
    if (!answer || answer.number !== this.waiting?.number) return;
    const { resolve, timer } = this.waiting;
    this.waiting = null;
    clearTimeout(timer);
    resolve(answer);
  }
}

class Panel {
  constructor(root, data) {
    Object.assign(this, { root, data });
    this.part = (name) => root.querySelector(`.${name}`);
    this.video = root.querySelector("video");
    this.line = new Line();
    this.history = new History(this.part("bars"));
    this.run = null; // what belongs to the camera that is on
    this.listening = new AbortController();
    const { signal } = this.listening;
    this.part("begin").addEventListener("click", () => this.start(), { signal });
    this.part("stop").addEventListener("click", () => this.end("The camera is off."), { signal });
    this.part("which").addEventListener("change", () => this.run && this.start(), { signal });
    this.video.addEventListener("resize", () => this.fit(), { signal });
    document.addEventListener("visibilitychange", () => document.hidden && this.run && this.end(HIDDEN), { signal });
    this.part("about").textContent =
      `A label is for the last ${words(data.windowSec)}. The pictures are sent to this server, ` +
      "looked at and dropped: nothing is stored.";
  }

  update(data, send) {
    this.line.send = send;
    this.data = data;
    this.line.receive(data.answer);
  }

  remove() {
    this.end("");
    this.listening.abort();
  }

  async start() {
    const device = this.part("which").value;
    this.end("");
    const run = (this.run = { frames: [], lost: 0, kinds: KINDS, quality: 0.5, spokenSec: -Infinity });
    this.show("Waiting for the camera…");
    try {
      const stream = await openCamera({ device });
      if (this.run !== run) return closeCamera(stream); // stopped meanwhile
      run.stream = stream;
      run.unwatch = watchCamera(stream, (sentence) => this.run === run && this.end(sentence, true));
      this.video.srcObject = stream;
      await this.video.play();
    } catch (error) {
      if (this.run === run) this.end(error.message, true);
      return;
    }
    this.fit();
    this.show("Starting…");
    this.part("stage").classList.toggle("mirrored", isMirrored(run.stream));
    this.offerCameras(run);
    run.started = true;
    const answer = await this.line.ask({ kind: "start" }, START_SEC);
    if (this.run !== run) return;
    if (!answer || answer.problem) return this.end(answer?.problem ?? GONE, true);
    run.beganMs = performance.now();
    run.timer = setTimeout(() => this.tick(run, 0), 0);
  }

  async offerCameras(run) {
    const cameras = await listCameras();
    if (this.run !== run) return;
    const box = this.part("which");
    box.replaceChildren(...cameras.map(({ device, name }) => new Option(name, device)));
    box.value = cameraDevice(run.stream);
    box.hidden = cameras.length < 2;
  }

  // Stops the camera, and says why.
  end(text, isProblem = false) {
    const { run } = this;
    this.run = null;
    clearTimeout(run?.timer);
    run?.unwatch?.();
    closeCamera(run?.stream);
    this.video.srcObject = null;
    if (run?.started) this.line.ask({ kind: "end" });
    this.show(text, isProblem);
  }

  // The state in words and buttons.
  show(text, isProblem = false) {
    const on = Boolean(this.run?.stream);
    const [begin, stop] = [this.part("begin"), this.part("stop")];
    const pressed = [begin, stop].includes(this.root.getRootNode().activeElement);
    begin.hidden = Boolean(this.run);
    stop.hidden = !this.run;
    if (pressed) (this.run ? stop : begin).focus(); // the other one is gone
    this.video.hidden = this.part("seen").hidden = !on;
    this.part("over").hidden = true;
    this.part("problem").hidden = !isProblem;
    this.part("problem").textContent = isProblem ? text : "";
    this.part("status").textContent = isProblem ? "" : text;
    if (!this.run) this.part("spoken").textContent = "";
    if (!this.run) this.part("next").hidden = true;
    if (this.run && !on) {
      this.history.clear();
      this.part("past").hidden = true;
    }
  }

  // The part of the picture that the network sees, `har.clips.ClipSpec`: the rest is darker.
  fit() {
    const { videoWidth: wide, videoHeight: high } = this.video;
    if (!wide || !high) return;
    const { width, height, fit, zoom } = this.data;
    const scale = Math.min(wide / width, high / height);
    const size = fit === "crop" ? [width * scale, height * scale] : [wide, high];
    const [w, h] = size.map((side) => side / zoom);
    this.region = [(wide - w) / 2, (high - h) / 2, w, h];
    const { style } = this.root;
    style.setProperty("--ratio", wide / high);
    style.setProperty("--cut-x", `${(50 * (wide - w)) / wide}%`);
    style.setProperty("--cut-y", `${(50 * (high - h)) / high}%`);
  }

  // A frame at each multiple of the period, however long anything takes.
  tick(run, count) {
    if (this.run !== run) return;
    const { rate, maxSec } = this.data;
    const sec = (performance.now() - run.beganMs) / 1000;
    if (sec >= maxSec) return this.end(`The camera was stopped after ${words(maxSec)}. You can start it again.`);
    this.capture(run, sec);
    this.history.draw(sec);
    const next = Math.max(count + 1, Math.ceil(sec * rate));
    run.timer = setTimeout(() => this.tick(run, next), (1000 * next) / rate - (performance.now() - run.beganMs));
  }

  async capture(run, sec) {
    if (!this.region || this.video.readyState < HTMLMediaElement.HAVE_CURRENT_DATA) return;
    const { width, height, rate, bytesPerSec } = this.data;
    run.canvas ??= Object.assign(document.createElement("canvas"), { width, height });
    const pen = run.canvas.getContext("2d");
    pen.imageSmoothingQuality = "high";
    pen.drawImage(this.video, ...this.region, 0, 0, width, height);
    const [kind] = run.kinds;
    const blob = await new Promise((resolve) => run.canvas.toBlob(resolve, kind, run.quality));
    if (blob?.type !== kind) run.kinds = KINDS.slice(1); // from the next picture on
    if (blob?.type !== kind || this.run !== run) return;
    const text = await toBase64(blob);
    const { least, most, step } = QUALITY;
    if (text.length > bytesPerSec / rate) run.quality = Math.max(least, run.quality - step);
    else if (text.length < (0.8 * bytesPerSec) / rate) run.quality = Math.min(most, run.quality + step);
    run.frames.push([sec, text]);
    run.frames.sort(([first], [second]) => first - second); // they are compressed in any order
    run.frames = run.frames.slice(-Math.floor(WAITING_SEC * rate));
    this.sendFrames(run, sec);
  }

  async sendFrames(run, sec) {
    if (run.asking || run.frames.length < Math.floor(BUNDLE_SEC * this.data.rate)) return;
    const { frames } = run;
    Object.assign(run, { asking: true, frames: [] });
    const answer = await this.line.ask({ kind: "frames", frames });
    run.asking = false;
    if (this.run !== run) return;
    run.lost = answer ? 0 : run.lost + 1;
    if (run.lost === MOST_LOST) return this.end(GONE, true);
    if (!answer) return;
    if (answer.problem) return this.end(answer.problem, true);
    this.take(run, answer);
  }

  take(run, { labels, next, filled }) {
    const sec = (performance.now() - run.beganMs) / 1000;
    const over = this.part("over");
    if (!labels.length) {
      if (filled < 1) this.show(`Watching… a first label needs ${words(this.data.windowSec)}.`);
      return;
    }
    const [, label, probability, colour] = labels.at(-1);
    for (const [, name, , tint] of labels) this.history.add(sec, name, tint);
    this.history.draw(sec);
    this.part("status").textContent = "";
    this.part("past").hidden = this.part("next").hidden = over.hidden = false;
    over.classList.toggle("unsure", label === null);
    over.style.setProperty("--colour", colour);
    this.part("label").textContent = label ?? "unsure";
    this.part("sure").textContent = label === null ? "" : percent(probability);
    this.part("next").querySelector("ol").replaceChildren(...next.map(row));
    this.speak(run, label ?? "unsure", sec);
  }

  speak(run, text, sec) {
    if (text === this.part("spoken").textContent || sec - run.spokenSec < SPOKEN_SEC) return;
    run.spokenSec = sec;
    this.part("spoken").textContent = text;
  }
}

function row([name, share]) {
  const item = element("li");
  const gauge = element("span", "gauge");
  gauge.append(element("span"));
  gauge.style.setProperty("--share", share);
  item.append(element("span", "of", name), gauge, element("span", "share", percent(share)));
  item.firstChild.title = name;
  return item;
}

function percent(share) {
  return `${Math.round(100 * share)} %`;
}

function words(sec) {
  if (sec < 60) return `${Math.round(10 * sec) / 10} s`;
  return sec < 90 ? "a minute" : `${Math.round(sec / 60)} minutes`;
}
