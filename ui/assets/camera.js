// The camera, for all components that use it: each puts this file before its own script.
const CAMERA_TAKEN = "har-camera-taken"; // an event of the window: a component of this page has opened the camera

const CAMERA_PROBLEMS = {
  NotAllowedError:
    "The camera was refused. Allow it in the browser's address bar, at the symbol of the camera or the lock, and try again.",
  NotFoundError: "No camera was found. Connect one, or open this page on a phone.",
  OverconstrainedError: "That camera is not there any more. Choose another one.",
  NotReadableError: "Another program is using the camera. Close it there, and try again.",
  AbortError: "The camera did not start. Close other programs that use it, and try again.",
};
const CAMERA_INSECURE =
  "Browsers give the camera only to pages with https, or on localhost. Open this page by its https address, or drop video files instead.";
const CAMERA_LOST = "The camera was disconnected. Connect it again, and start it again.";
const CAMERA_ELSEWHERE = "The camera is now used by another part of this page. Start it here again when that is done.";

// Opens a camera, which asks for permission. `device` is the id of one of `listCameras`; without it, `facing` is "user"
// or "environment". At most `lines` lines are asked for. The error's message is a sentence that says what to do.
async function openCamera({ device = "", facing = "user", lines = 480 } = {}) {
  if (!navigator.mediaDevices?.getUserMedia) throw new Error(CAMERA_INSECURE);
  window.dispatchEvent(new CustomEvent(CAMERA_TAKEN));
  const which = device ? { deviceId: { exact: device } } : { facingMode: { ideal: facing } };
  const size = { width: { ideal: (lines * 4) / 3 }, height: { ideal: lines }, frameRate: { ideal: 30, max: 30 } };
  try {
    return await navigator.mediaDevices.getUserMedia({ video: { ...which, ...size }, audio: false });
  } catch (error) {
    throw new Error(CAMERA_PROBLEMS[error.name] ?? `The camera did not start (${error.name}). Try again, or try another browser.`);
  }
}

// Calls `onLost` with a sentence, once, when the camera is unplugged, or another part of the page takes it. Call this right
// after `openCamera`. Returns a function that ends the watch.
function watchCamera(stream, onLost) {
  const end = () => {
    window.removeEventListener(CAMERA_TAKEN, onTaken);
    for (const track of stream.getTracks()) track.removeEventListener("ended", onEnded);
  };
  const lose = (sentence) => {
    end();
    closeCamera(stream);
    onLost(sentence);
  };
  const onTaken = () => lose(CAMERA_ELSEWHERE);
  const onEnded = () => lose(CAMERA_LOST);
  window.addEventListener(CAMERA_TAKEN, onTaken);
  for (const track of stream.getTracks()) track.addEventListener("ended", onEnded);
  return end;
}

// Stops a camera: its light goes out.
function closeCamera(stream) {
  for (const track of stream?.getTracks() ?? []) track.stop();
}

// The cameras, as `{ device, name }`. Their names are known once one was opened.
async function listCameras() {
  const all = (await navigator.mediaDevices?.enumerateDevices?.()) ?? [];
  const cameras = all.filter(({ kind, deviceId }) => kind === "videoinput" && deviceId);
  return cameras.map(({ deviceId, label }, place) => ({ device: deviceId, name: label || `Camera ${place + 1}` }));
}

function cameraDevice(stream) {
  return stream.getVideoTracks()[0]?.getSettings().deviceId ?? "";
}

// Whether the picture is shown like a mirror: not what a phone's back camera sees.
function isMirrored(stream) {
  return stream.getVideoTracks()[0]?.getSettings().facingMode !== "environment";
}

// A Blob as base64: components send texts, not bytes.
function toBase64(blob) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result.slice(reader.result.indexOf(",") + 1));
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(blob);
  });
}
