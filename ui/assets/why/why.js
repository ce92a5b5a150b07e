// The frames of a window under a heatmap, with a bar below each. The slider only changes the heatmap's opacity.

const COOL = [226, 64, 12];
const HOT = [255, 235, 90];
const shown = new WeakMap(); // by root element: the mark of what it shows

export default function ({ parentElement, data: [data] }) {
  const root = parentElement.querySelector(".why");
  const strength = root.querySelector("input");
  strength.oninput = () => root.style.setProperty("--strength", strength.value / 100);
  strength.oninput();
  root.querySelector(".fade").hidden = !data.heated;
  if (shown.get(root) === data.mark) return;
  shown.set(root, data.mark);
  draw(root, data);
}

async function draw(root, data) {
  const [frames, heat] = await Promise.all([picture(data.frames), picture(data.heat)]);
  if (shown.get(root) !== data.mark) return; // replaced meanwhile
  const width = frames.width / data.count;
  root.style.setProperty("--ratio", `${width} / ${frames.height}`);
  const highest = Math.max(0.01, ...data.drops.map(Math.abs));
  const items = data.times.map((time, number) => {
    const item = element("li");
    const frame = element("div", "frame");
    frame.append(part(frames, number, data.count, "picture"), coloured(part(heat, number, data.count, "heat")));
    const drop = data.drops[number];
    const points = `${drop < 0 ? "+" : "−"}${Math.abs(100 * drop).toFixed(1)} points`;
    frame.setAttribute("role", "img");
    frame.setAttribute("aria-label", `Frame at ${time}; hidden: ${points}`);
    item.title = `${time} · hidden: ${points}`;
    item.append(frame, bar(drop / highest), element("span", "moment", time));
    return item;
  });
  root.querySelector(".frames").replaceChildren(...items);
  const { top } = root.getBoundingClientRect();
  const inView = top > 0 && top < window.innerHeight / 2; // next to the player, which is not to be scrolled away
  if (data.scrollTo && !inView) root.scrollIntoView({ behavior: "smooth", block: "center" });
}

async function picture(code) {
  const image = new Image();
  image.src = `data:image/png;base64,${code}`;
  await image.decode();
  return image;
}

// One of several pictures side by side.
function part(strip, number, count, name) {
  const canvas = element("canvas", name);
  canvas.width = strip.width / count;
  canvas.height = strip.height;
  canvas.getContext("2d").drawImage(strip, -number * canvas.width, 0);
  return canvas;
}

// Maps grey values to warm colours, low values to transparent.
function coloured(canvas) {
  const context = canvas.getContext("2d");
  const pixels = context.getImageData(0, 0, canvas.width, canvas.height);
  for (let at = 0; at < pixels.data.length; at += 4) {
    const share = pixels.data[at] / 255;
    for (const channel of [0, 1, 2]) pixels.data[at + channel] = COOL[channel] + (HOT[channel] - COOL[channel]) * share;
    pixels.data[at + 3] = 255 * Math.min(1, 1.4 * share);
  }
  context.putImageData(pixels, 0, 0);
  return canvas;
}

// Upwards: hiding the frame makes the label less likely.
function bar(share) {
  const box = element("div", "drop");
  const body = element("span", share < 0 ? "against" : "");
  body.style.height = `${Math.max(2, 50 * Math.abs(share))}%`;
  body.style[share < 0 ? "top" : "bottom"] = "50%";
  box.append(body);
  return box;
}
