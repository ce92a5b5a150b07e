// Unpacks the timeline that Python has packed: when each frame is shown, and its label.
// ui/annotate/player.py joins the scripts of this folder into one module, in the order given there.

const NO_LABEL = 65535;
const ONE = 65535; // a probability of 1

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
  const known = data.known ?? times.length; // frames from here on have no label yet
  const track = {
    ...data,
    labels: [...data.labels], // corrections may add labels
    colours: [...data.colours],
    times,
    points,
    count: times.length,
    known,
    segments,
    firsts: segments.map(({ start }) => frameAt(times, start)), // the first frame of each
    truth: segment(data.truth),
    possible: segment(data.guesses ?? []),
    get guesses() {
      return track.guessing ? track.possible : [];
    },
    other: data.other && { ...data.other, segments: segment(data.other.segments) },
    name: (label) => (label < 0 ? "unsure" : displayName(track.labels[label])),
    colour: (label) => (label < 0 ? data.unsure : track.colours[label]),
    labelOf: (frame) => (frame < known ? track.runs.label[last(track.runs.first, frame)] : -1),
    nameAt: (frame) => (frame < known ? (track.guessAt(frame)?.words ?? track.name(track.labelOf(frame))) : "not analysed yet"),
    // The closest label where the classifier is unsure.
    guessAt: (frame) => (track.labelOf(frame) < 0 && !track.markOf(frame) ? guessAt(track, times[frame]) : undefined),
    markOf: (frame) => track.segments[Math.max(0, last(track.firsts, frame))].mark,
    confidenceText: (frame) => track.markOf(frame) ?? percent(track.confidenceOf(frame)),
    segmentAt: (parts, seconds) => last(parts, seconds + 1e-4, (part) => part.start),
    confidenceOf: (frame) => points.confidence[Math.floor(frame / points.step)] / ONE,
    topOf: (frame) => top(points, Math.floor(frame / points.step)),
  };
  return track;
}

// The frame that is on the screen at a time: the last one that has started.
function frameAt(times, seconds) {
  return Math.max(0, last(times, seconds + 1e-4));
}

// The frame with the given media time, which the browser may have rounded.
function frameOf(times, mediaTime) {
  const before = frameAt(times, mediaTime);
  const next = Math.min(before + 1, times.length - 1);
  return times[next] - mediaTime < mediaTime - times[before] ? next : before;
}

// The time to seek to for a frame: the middle of its time on the screen, so that rounding does no harm.
function middleOf(times, frame, duration) {
  const end = frame + 1 < times.length ? times[frame + 1] : Math.max(duration, times[frame]);
  return (times[frame] + end) / 2;
}

function guessAt({ guesses, name }, seconds) {
  const found = guesses[last(guesses, seconds + 1e-4, (part) => part.start)];
  return found && seconds < found.end - 1e-4 ? { ...found, words: `Closest: ${name(found.label)}` } : undefined;
}

function frameTimes({ count, first, rate, each }) {
  if (each) return Float64Array.from(numbers(each, Float32Array));
  return Float64Array.from({ length: count }, (_, frame) => first + (frame * rate[1]) / rate[0]);
}

function top(points, at) {
  const guesses = [];
  for (let place = 3 * at; place < 3 * at + 3; place++) {
    if (points.index[place] !== NO_LABEL)
      guesses.push({ label: points.index[place], probability: points.probability[place] / ONE });
  }
  return guesses;
}

// The index of the last item that is not above a value; items ascend.
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
  return new Kind(fromBase64(code).buffer);
}

function clock(seconds, digits = 2) {
  const all = Math.max(0, seconds).toFixed(digits);
  const minutes = Math.floor(all / 60);
  return `${minutes}:${(all - 60 * minutes).toFixed(digits).padStart(digits ? 3 + digits : 2, "0")}`;
}

function percent(share) {
  return `${Math.round(100 * share)}%`;
}

// As har.labels.display_name.
function displayName(label) {
  if (!/^([A-Z][a-z]+){2,}$/.test(label)) return label.replaceAll("_", " ");
  const words = label.replace(/(?<=[a-z])(?=[A-Z])/g, " ").toLowerCase();
  return words[0].toUpperCase() + words.slice(1);
}
