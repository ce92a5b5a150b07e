// A wall of previews. Requests the pictures of cells near the view, and drops those far away.
const KEPT = 240; // pictures in memory
const RETRY_MS = 250; // while pictures are being made
const LOST_MS = 3000; // an answer that takes longer was lost: the page was busy
const GATHER_MS = 80; // cells that come into view together are requested together

const walls = new WeakMap(); // by root element

export default function ({ parentElement, data: [data], setStateValue, setTriggerValue }) {
  const root = parentElement.querySelector(".wall");
  if (!walls.has(root)) walls.set(root, create(root));
  const wall = walls.get(root);
  wall.request = (ids) => setStateValue("wanted", { ids, built: wall.built, turn: ++wall.turn });
  wall.open = (id) => setTriggerValue("opened", id);
  if (data.cells) build(wall, data);
  if (wall.built === data.mark) receive(wall, data.pictures);
  else wall.request([]); // for the cells
  requestLater(wall, RETRY_MS);
  return ofLastCall(root, () => {
    clearTimeout(wall.timer);
    wall.observer.disconnect();
    for (const url of wall.pictures.values()) URL.revokeObjectURL(url);
    walls.delete(root);
  });
}

function create(root) {
  const wall = { root, cells: new Map(), pictures: new Map(), near: new Set(), turn: 0, built: "" };
  wall.observer = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) {
        const id = target.dataset.id;
        if (isIntersecting) wall.near.add(id);
        else wall.near.delete(id);
        show(wall, id);
      }
      requestLater(wall, GATHER_MS);
    },
    { root: root.getRootNode().host?.closest('[data-testid="stMain"]') ?? null, rootMargin: "600px 0px" },
  );
  return wall;
}

// Builds the cells, unless they are there.
function build(wall, { mark, cells, shape }) {
  if (mark === wall.built) return;
  wall.built = mark;
  wall.root.classList.toggle("small", shape.small);
  wall.observer.disconnect();
  wall.near.clear();
  wall.cells.clear();
  const parts = [];
  for (const { id, title, detail, heading, mark } of cells) {
    if (heading) parts.push(element("div", "heading", heading));
    const cell = element("button", "cell waiting");
    cell.type = "button";
    cell.dataset.id = id;
    if (mark) cell.dataset.mark = mark;
    cell.setAttribute("aria-label", detail ? `${title}, ${detail}` : title);
    cell.title = detail ? `${title} · ${detail}` : title;
    const picture = element("div", "picture", "");
    picture.style.aspectRatio = shape.ratio;
    picture.style.backgroundSize = `${shape.frames * 100}% 100%`;
    picture.style.setProperty("--frames", shape.frames);
    picture.style.setProperty("--loop", `${shape.frames / shape.fps}s`);
    cell.append(picture, element("div", "title", title), element("div", "detail", detail));
    cell.addEventListener("click", () => wall.open(id));
    wall.cells.set(id, cell);
    parts.push(cell);
  }
  wall.root.replaceChildren(...parts);
  for (const id of [...wall.pictures.keys()]) if (!wall.cells.has(id)) drop(wall, id);
  for (const cell of wall.cells.values()) wall.observer.observe(cell);
}

function receive(wall, pictures) {
  for (const [id, code] of Object.entries(pictures)) {
    const cell = wall.cells.get(id);
    if (!cell || wall.pictures.has(id)) continue;
    if (!code) {
      cell.className = "cell failed";
      continue;
    }
    wall.pictures.set(id, URL.createObjectURL(new Blob([fromBase64(code)], { type: "image/jpeg" })));
    show(wall, id);
  }
  const far = [...wall.pictures.keys()].filter((id) => !wall.near.has(id));
  for (const id of far.slice(0, Math.max(0, wall.pictures.size - KEPT))) drop(wall, id);
}

// Only cells near the view have a picture and move.
function show(wall, id) {
  const cell = wall.cells.get(id);
  const url = wall.pictures.get(id);
  if (!cell || cell.classList.contains("failed")) return;
  const on = url !== undefined && wall.near.has(id);
  cell.className = `cell ${url === undefined ? "waiting" : on ? "playing" : "still"}`;
  cell.querySelector(".picture").style.backgroundImage = on ? `url(${url})` : "";
}

function drop(wall, id) {
  URL.revokeObjectURL(wall.pictures.get(id));
  wall.pictures.delete(id);
  show(wall, id);
}

function requestLater(wall, wait_ms) {
  clearTimeout(wall.timer);
  wall.timer = setTimeout(() => {
    const missing = [...wall.near].filter(
      (id) => !wall.pictures.has(id) && wall.cells.has(id) && !wall.cells.get(id).classList.contains("failed"),
    );
    if (!missing.length) return;
    const off = new Map(missing.map((id) => [id, offView(wall.cells.get(id))]));
    wall.request(missing.sort((one, other) => off.get(one) - off.get(other)).slice(0, 60));
    requestLater(wall, LOST_MS);
  }, wait_ms);
}

// Pixels to the view: 0 for cells in view, which keep their order.
function offView(cell) {
  const { top, bottom } = cell.getBoundingClientRect();
  return Math.max(0, -bottom, top - window.innerHeight);
}
