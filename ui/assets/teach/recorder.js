// Records clips of the camera, and sends each while the next one is recorded. ui/assets/camera.js is loaded before this.
// A clip is sent again until the server has answered its number: an event is lost if it comes while the page runs.
const SPEAK_MS = 2000; // least time between two announcements to screen readers
const ANSWER_MS = 6000; // after which a clip is sent again
const TRIES = 5;
const BITS_PER_SEC = 2_500_000; // of the 10 Mbit/s that the server accepts
const TYPES = ["video/webm;codecs=vp8", "video/webm", "video/mp4"]; // Chromium and Firefox; Safari
const SILENT = "har-beep-off"; // in the browser's memory
const NO_RECORDER = "This browser cannot record video. Use a current Chrome, Edge, Firefox or Safari, or drop video files instead.";
const NO_ANSWER = "The server does not answer, so the last clip was not added. Check the connection, and record it again.";

const recorders = new WeakMap(); // by root element

export default function ({ parentElement, data: [data], setTriggerValue }) {
  const root = parentElement.querySelector(".recorder");
  if (!recorders.has(root)) recorders.set(root, create(root));
  const recorder = recorders.get(root);
  recorder.data = data;
  recorder.trigger = setTriggerValue;
  if (data.answer) recorder.answered(data.answer);
  if (!recorder.opened) {
    recorder.opened = true;
    recorder.open();
  }
  return ofLastCall(root, () => {
    recorders.delete(root);
    recorder.end();
  });
}

function create(root) {
  const find = (selector) => root.querySelector(selector);
  const video = find("video");
  const self = { data: null, trigger: null, opened: false };
  const mark = `${Date.now().toString(36)}${Math.random().toString(36).slice(2, 8)}`; // distinguishes series of this camera
  let stream = null;
  let endWatch = () => {};
  let device = "";
  let opening = 0; // number of the last attempt to open the camera
  let work = null; // the series that is recorded: `{ name, stopped, wake }`
  let count = 0; // of series, and of messages
  let number = 0;
  let pending = null; // the message that waits for its answer
  let line = Promise.resolve();
  let sent = 0; // clips of this camera that the server has
  let waiting = 0; // clips on their way
  let sound = null;

  // What is said

  let spokenAt = 0;
  let speakLater = 0;
  const speak = (text) => {
    clearTimeout(speakLater);
    const left = spokenAt + SPEAK_MS - Date.now();
    if (left > 0) {
      speakLater = setTimeout(() => speak(text), left);
      return;
    }
    spokenAt = Date.now();
    find(".spoken").textContent = text;
  };
  const say = (text, aloud = text) => {
    find(".says").textContent = text;
    if (aloud) speak(aloud);
  };
  const complain = (text) => {
    find(".wrong").textContent = text;
    find(".wrong").hidden = !text;
  };
  const draw = () => {
    const on = stream !== null;
    const focused = root.getRootNode().activeElement;
    const { total, clip_sec } = self.data;
    find(".series").textContent = `Record ${total} clips`;
    find(".series").hidden = !on || work !== null;
    find(".hold").hidden = !on || (work !== null && !work.held);
    find(".stop").hidden = work === null || work.held;
    find(".start").hidden = on;
    if (root.contains(focused) && focused.hidden) root.querySelector(".buttons button:not([hidden])")?.focus();
    find(".stage").hidden = !on;
    find(".which select").disabled = work !== null;
    root.classList.toggle("recording", Boolean(work?.recording));
    if (on && !work && !waiting) {
      say(sent ? `${sent} recorded.` : `Ready. Each clip takes ${clip_sec.toFixed(1)} seconds.`, sent ? `${sent} clips recorded.` : "The camera is ready.");
    }
  };
  const beep = (pitch, length_sec = 0.12) => {
    if (!find(".beep").checked) return;
    try {
      sound ??= new AudioContext();
      const tone = sound.createOscillator();
      const volume = sound.createGain();
      volume.gain.value = 0.08;
      tone.frequency.value = pitch;
      tone.connect(volume).connect(sound.destination);
      tone.start();
      tone.stop(sound.currentTime + length_sec);
    } catch {
      // no sound: the numbers are on the screen
    }
  };

  // The camera

  self.open = async () => {
    shut();
    const attempt = ++opening;
    complain("");
    if (typeof MediaRecorder === "undefined" || !TYPES.some((type) => MediaRecorder.isTypeSupported(type))) {
      complain(window.isSecureContext ? NO_RECORDER : CAMERA_INSECURE);
      draw();
      return;
    }
    say("Waiting for the camera. Your browser may ask you to allow it.");
    try {
      const opened = await openCamera({ device });
      if (attempt !== opening) {
        closeCamera(opened); // closed, or opened again, meanwhile
        return;
      }
      stream = opened;
      endWatch = watchCamera(stream, lose);
      root.classList.toggle("mirrored", isMirrored(stream));
      video.srcObject = stream;
      video.play().catch(() => {}); // it starts when it can
      await listChoices();
    } catch (error) {
      if (attempt !== opening) return;
      say("");
      complain(error.message);
    }
    draw();
  };
  const listChoices = async () => {
    const cameras = await listCameras();
    device = cameraDevice(stream);
    const select = find(".which select");
    select.replaceChildren(...cameras.map(({ device: id, name }) => new Option(name, id, false, id === device)));
    find(".which").hidden = cameras.length < 2;
  };
  const shut = () => {
    opening++;
    endWatch();
    closeCamera(stream);
    stream = null;
    video.srcObject = null;
  };
  const lose = (sentence) => {
    stop();
    shut();
    device = "";
    say(sent ? `${sent} recorded.` : "", "");
    complain(sentence);
    draw();
  };

  // Series of clips

  const stop = () => {
    if (!work) return;
    work.stopped = true;
    work.wake();
  };
  // Waits, but not after a stop.
  const pause = (ms) =>
    new Promise((resolve) => {
      if (work.stopped) return resolve();
      const timer = setTimeout(resolve, ms);
      work.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  const record = async (clip, of) => {
    const type = TYPES.find((each) => MediaRecorder.isTypeSupported(each));
    const parts = [];
    const recorder = new MediaRecorder(stream, { mimeType: type, videoBitsPerSecond: BITS_PER_SEC });
    const ended = new Promise((resolve) => (recorder.onstop = resolve));
    recorder.ondataavailable = ({ data }) => parts.push(data);
    recorder.start();
    work.recording = true;
    draw();
    say(of ? `Recording ${clip} of ${of}` : `Recording clip ${clip}`);
    const began = performance.now();
    await pause(1000 * self.data.clip_sec);
    const took_sec = (performance.now() - began) / 1000;
    if (recorder.state !== "inactive") recorder.stop();
    await ended;
    work.recording = false;
    draw();
    // What was cut short is of use if it has most of the action.
    if (took_sec >= self.data.clip_sec * (work.held ? 0.6 : 0.95) && stream) send(new Blob(parts, { type }), type, work.name);
  };
  const run = async (held, steps) => {
    if (work || !stream) return;
    complain("");
    sent = 0;
    work = { name: `${mark}-${++count}`, stopped: false, held, recording: false, wake: () => {} };
    draw();
    try {
      await steps();
    } catch (error) {
      complain(`Recording failed (${error.name}). Start the camera again.`);
    }
    find(".count").textContent = "";
    work = null;
    draw();
  };
  const series = () =>
    run(false, async () => {
      const { total, countdown, pause_sec } = self.data;
      for (let left = countdown; left && !work.stopped; left--) {
        find(".count").textContent = left;
        say(`Recording starts in ${left}…`, left === countdown ? `Recording starts in ${left} seconds.` : "");
        beep(660);
        await pause(1000);
      }
      find(".count").textContent = "";
      for (let clip = 1; clip <= total && !work.stopped; clip++) {
        beep(990);
        await record(clip, total);
        if (clip === total || work.stopped) break;
        say(`Next: ${clip + 1} of ${total}`, "");
        await pause(1000 * pause_sec);
      }
      beep(520, 0.3);
    });
  const hold = () =>
    run(true, async () => {
      beep(990);
      for (let clip = 1; clip <= self.data.total && !work.stopped; clip++) await record(clip, 0);
      beep(520, 0.3);
    });

  // Sending

  const send = (blob, type, name) => {
    waiting += 1;
    line = line.then(async () => {
      const bytes = await toBase64(blob);
      const answer = await deliver({ number: ++number, series: name, type, bytes });
      waiting -= 1;
      if (answer.error) {
        complain(answer.error);
        if (answer.full) stop();
      } else sent += 1;
      draw();
    });
  };
  // Resolves with the answer, or with an error.
  const deliver = (message) =>
    new Promise((resolve) => {
      let tries = 0;
      const attempt = () => {
        if (!recorders.has(root)) return resolve({ error: "" });
        if (++tries > TRIES) {
          pending = null;
          return resolve({ error: NO_ANSWER });
        }
        pending = { number: message.number, resolve, timer: setTimeout(attempt, ANSWER_MS) };
        self.trigger("clip", { ...message, mark });
      };
      attempt();
    });
  self.answered = (answer) => {
    if (pending?.number !== answer.number || answer.mark !== mark) return;
    clearTimeout(pending.timer);
    pending.resolve(answer);
    pending = null;
  };

  // Controls

  find(".series").onclick = series;
  find(".stop").onclick = stop;
  find(".start").onclick = self.open;
  find(".close").onclick = () => {
    stop();
    shut();
    self.trigger("closed", mark);
  };
  find(".which select").onchange = ({ target }) => {
    device = target.value;
    self.open();
  };
  const holding = find(".hold");
  holding.onpointerdown = (event) => {
    if (event.button) return;
    holding.setPointerCapture(event.pointerId);
    hold();
  };
  const release = () => work?.held && stop();
  holding.onpointerup = holding.onpointercancel = holding.onblur = release;
  holding.oncontextmenu = (event) => event.preventDefault(); // a long touch
  holding.onkeydown = (event) => {
    if (event.key !== " " && event.key !== "Enter") return;
    event.preventDefault();
    if (!event.repeat) hold();
  };
  holding.onkeyup = (event) => {
    if (event.key === " " || event.key === "Enter") release();
  };
  try {
    find(".beep").checked = localStorage.getItem(SILENT) === null;
  } catch {
    // the browser stores nothing
  }
  find(".beep").onchange = ({ target }) => {
    try {
      if (target.checked) localStorage.removeItem(SILENT);
      else localStorage.setItem(SILENT, "yes");
    } catch {
      // it lasts as long as the page
    }
  };
  const onHidden = () => {
    if (document.hidden && work) {
      stop();
      complain("Recording was stopped, because the page was hidden. Clips recorded before are kept.");
    }
  };
  document.addEventListener("visibilitychange", onHidden);
  self.end = () => {
    document.removeEventListener("visibilitychange", onHidden);
    clearTimeout(speakLater);
    stop();
    shut();
    sound?.close();
  };
  return self;
}
