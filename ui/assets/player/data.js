// One of the parts of the player, which ui/annotate/player.py joins into one module, in the order that stands there.
//
// What har.timeline.pack has made, unpacked: when frames are shown, and what stands on each.

const NOBODY = 65535; // in place of a label
const WHOLE = 65535; // stands for a probability of 1

function unpack(data) {
  const times = frameTimes(data.times);
  const points = {
    step: data.points.step,
    confidence: numbers(data.points.confidence, Uint16Array),
    index: numbers(data.points.index, Uint16Array),
    probability: numbers(data.points.probability, Uint16Array),
  };
  const segment = (parts) =>
    parts?.map(([start, end, label, confidence, support]) => ({ start, end, label, confidence, support }));
  const segments = segment(data.segments);
  const known = data.known ?? times.length; // frames from there on have no label yet
  const track = {
    ...data,
    labels: [...data.labels], // they grow where somebody calls something otherwise
    colours: [...data.colours],
    times,
    points,
    count: times.length,
    known,
    segments,
    firsts: segments.map(({ start }) => frameAt(times, start)), // the first frame of each
    truth: segment(data.truth),
    other: data.other && { ...data.other, segments: segment(data.other.segments) },
    name: (label) => (label < 0 ? "unsure" : track.labels[label]),
    colour: (label) => (label < 0 ? data.unsure : track.colours[label]),
    labelOf: (frame) => (frame < known ? track.runs.label[last(track.runs.first, frame)] : -1),
    told: (frame) => (frame < known ? track.name(track.labelOf(frame)) : "not looked at yet"),
    markOf: (frame) => track.segments[Math.max(0, last(track.firsts, frame))].mark,
    sureOf: (frame) => track.markOf(frame) ?? percent(track.confidenceOf(frame)),
    segmentAt: (parts, seconds) => last(parts, seconds, (part) => part.start),
    confidenceOf: (frame) => points.confidence[Math.floor(frame / points.step)] / WHOLE,
    topOf: (frame) => top(points, Math.floor(frame / points.step)),
  };
  return track;
}

// The frame whose picture a player shows at a moment: the last one that has begun.
function frameAt(times, seconds) {
  return Math.max(0, last(times, seconds + 1e-4));
}

// The frame that a player says it has presented, by the time that the file has for it, give or take a rounding.
function frameOf(times, mediaTime) {
  const before = frameAt(times, mediaTime);
  const next = Math.min(before + 1, times.length - 1);
  return times[next] - mediaTime < mediaTime - times[before] ? next : before;
}

// Where to seek so that a frame is shown, whatever is rounded on the way: the middle of its time on the screen.
function middleOf(times, frame, duration) {
  const end = frame + 1 < times.length ? times[frame + 1] : Math.max(duration, times[frame]);
  return (times[frame] + end) / 2;
}

function frameTimes({ count, first, rate, each }) {
  if (each) return Float64Array.from(numbers(each, Float32Array));
  return Float64Array.from({ length: count }, (_, frame) => first + (frame * rate[1]) / rate[0]);
}

function top(points, at) {
  const found = [];
  for (let place = 3 * at; place < 3 * at + 3; place++) {
    if (points.index[place] !== NOBODY)
      found.push({ label: points.index[place], probability: points.probability[place] / WHOLE });
  }
  return found;
}

// The place of the last item that is not beyond a value; items ascend.
function last(items, value, of = (item) => item) {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (of(items[middle]) <= value) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

function numbers(code, Kind) {
  const bytes = Uint8Array.from(atob(code), (sign) => sign.charCodeAt(0));
  return new Kind(bytes.buffer);
}

function clock(seconds, digits = 2) {
  const all = Math.max(0, seconds).toFixed(digits);
  const minutes = Math.floor(all / 60);
  return `${minutes}:${(all - 60 * minutes).toFixed(digits).padStart(digits ? 3 + digits : 2, "0")}`;
}

function percent(share) {
  return `${Math.round(100 * share)} %`;
}

// Labels come from anybody: they are only ever text.
function element(tag, name, content = "") {
  const made = document.createElement(tag);
  if (name) made.className = name;
  made.textContent = content;
  return made;
}
