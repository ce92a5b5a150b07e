// The slider and Play of 'How it works'. What they change is elsewhere on the page: pictures, marks in charts, and the
// calculation of a cell.

const STEP_MS = 250;
const MAIN = "[data-testid=stMain]";

let active = null; // the former one may still be on the page, and both would write to the same places

export default function ({ data: [data], parentElement }) {
  active?.end();
  const steps = (active = new Steps(parentElement.querySelector(".steps"), data));
  return () => steps.end();
}

class Steps {
  constructor(root, data) {
    Object.assign(this, { root, data, count: data.times.length });
    this.listening = new AbortController();
    const { signal } = this.listening;
    const [play, slider, film] = [".play", "input", ".film"].map((name) => root.querySelector(name));
    Object.assign(this, { play, slider });
    slider.max = this.count - 1;
    film.style.backgroundImage = `url(${data.film})`;
    film.style.aspectRatio = this.count;
    slider.addEventListener("input", () => this.go(Number(slider.value)), { signal });
    film.addEventListener(
      "click",
      (event) => this.go(Math.floor((this.count * event.offsetX) / film.clientWidth)),
      { signal },
    );
    play.addEventListener("click", () => this.toggle(), { signal });
    // Streamlit and Plotly draw what is shown again: on a choice, or when the window changes.
    this.observer = new MutationObserver(() => {
      cancelAnimationFrame(this.frame); // what it writes is observed as well
      this.frame = requestAnimationFrame(() => this.show());
    });
    this.observer.observe(document.querySelector(MAIN) ?? document.body, {
      childList: true,
      subtree: true,
      attributes: true,
      attributeFilter: ["d"],
    });
    this.step = Math.min(Number(root.dataset.step ?? data.start), this.count - 1);
    this.show();
  }

  go(step) {
    this.stop();
    this.step = Math.max(0, Math.min(step, this.count - 1));
    this.show();
  }

  toggle() {
    if (this.timer) return this.stop();
    this.timer = setInterval(() => {
      this.step = (this.step + 1) % this.count;
      this.show();
    }, STEP_MS);
    this.show();
  }

  stop() {
    clearInterval(this.timer);
    this.timer = null;
    this.show();
  }

  show() {
    const { data, step, count, root, slider } = this;
    const playing = Boolean(this.timer);
    root.dataset.step = step; // another one may follow in its place
    slider.value = step;
    const text = `Frame ${step + 1} of ${count} · ${data.times[step].toFixed(2)} s`;
    slider.setAttribute("aria-valuetext", text);
    write(root.querySelector("output"), text);
    this.play.classList.toggle("playing", playing);
    this.play.setAttribute("aria-label", playing ? "Pause" : "Play");
    const { style } = root.querySelector(".current");
    style.left = `${(100 * step) / count}%`;
    style.width = `${100 / count}%`;
    for (const [key, pictures] of Object.entries(data.pictures)) {
      const image = document.querySelector(`.st-key-${key} img`);
      if (image && image.src !== pictures[step]) image.src = pictures[step];
    }
    document.querySelectorAll("[class*=st-key-how-chart]").forEach((chart) => this.mark(chart));
    this.calculate();
  }

  // Each panel of a chart has two lines: its mark, at the first step, and an invisible one at the last.
  mark(chart) {
    const { times } = this.data;
    const share = (times[this.step] - times[0]) / (times.at(-1) - times[0] || 1);
    const line = (index) => chart.querySelector(`.shapelayer path[data-index="${index}"]`);
    chart.querySelectorAll(".cartesianlayer > .subplot").forEach((_, panel) => {
      const [mark, last] = [line(2 * panel), line(2 * panel + 1)];
      if (mark && last) mark.style.transform = `translateX(${share * (left(last) - left(mark))}px)`;
    });
  }

  calculate() {
    const place = document.querySelector(".st-key-how-cell [data-cell]");
    if (!place) return;
    const values = JSON.parse(place.dataset.cell);
    const at = (name, step = this.step) => (values[name][step] ?? 0).toFixed(2);
    const before = this.step ? at("cell", this.step - 1) : "0.00";
    write(
      place,
      `At frame ${this.step + 1}${place.dataset.where}: cell = ${at("forget")} × (${before}) + ${at("input")} × ` +
        `(${at("candidate")}) = ${at("cell")}, and hidden = ${at("output")} × tanh(${at("cell")}) = ${at("hidden")}.`,
    );
  }

  end() {
    clearInterval(this.timer);
    cancelAnimationFrame(this.frame);
    this.observer.disconnect();
    this.listening.abort();
  }
}

function left(line) {
  return parseFloat(line.getAttribute("d").slice(1)); // "M12.5,…"
}

// Nothing changes, and so nothing is observed, where the text is there already.
function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
