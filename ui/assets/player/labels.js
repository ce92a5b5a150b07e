// A box in which a label is typed: a list of all labels that fit opens below it.

const MAX_LABEL = 100; // characters
const MAX_SHOWN = 60; // of the labels that fit

class LabelBox {
  // labels: returns [label, note] of each known label, the most likely first.
  // choose: called with the chosen label; null: unsure.
  constructor(root, { labels, choose, signal }) {
    Object.assign(this, { labels, choose, shown: [], active: -1, text: "" });
    this.input = root.querySelector(".relabel");
    this.list = root.querySelector(".labels");
    const on = (node, name, act) => node.addEventListener(name, act, { signal });
    on(this.input, "focus", () => this.open());
    on(this.input, "click", () => this.open());
    on(this.input, "input", () => this.fill());
    on(this.input, "keydown", (event) => this.press(event));
    on(this.input, "blur", () => this.close());
    on(this.list, "pointerdown", (event) => event.preventDefault()); // the box keeps the focus
    on(this.list, "click", (event) => this.pick(this.shown[[...this.list.children].indexOf(event.target.closest("li"))]));
    on(root, "pointerdown", (event) => !event.target.closest(".labelling") && this.close());
  }

  // The label of the segment, while nothing is being typed.
  show(text) {
    this.text = text;
    if (this.list.hidden) this.input.value = text;
  }

  open() {
    if (!this.list.hidden) return;
    this.input.select();
    this.fill("");
    this.list.scrollTop = 0;
    const { bottom } = this.input.getBoundingClientRect();
    this.list.classList.toggle("up", window.innerHeight - bottom < this.list.offsetHeight + 8);
  }

  close() {
    this.list.hidden = true;
    this.input.value = this.text;
    this.input.setAttribute("aria-expanded", false);
    this.input.removeAttribute("aria-activedescendant");
  }

  // What fits the text: labels that begin with it first.
  fill(text = this.input.value) {
    const wanted = clean(text).toLowerCase();
    const all = [...this.labels(), [null, ""]].map(([label, note]) => ({ label, note, name: nameOf(label) }));
    const fits = all.filter(({ name }) => name.toLowerCase().includes(wanted));
    const begins = ({ name }) => name.toLowerCase().startsWith(wanted);
    this.shown = (wanted ? [...fits.filter(begins), ...fits.filter((one) => !begins(one))] : fits).slice(0, MAX_SHOWN);
    const fresh = clean(text);
    if (wanted && !all.some(({ name, label }) => [name, label].includes(fresh)))
      this.shown.push({ label: fresh, name: fresh, note: "new label" });
    this.list.replaceChildren(
      ...this.shown.map(({ name, note }, place) => {
        const item = element("li", "", name);
        Object.assign(item, { id: `label-${place}`, role: "option" });
        if (note) item.append(element("span", "note", note));
        return item;
      }),
    );
    this.list.hidden = false;
    this.input.setAttribute("aria-expanded", true);
    this.mark(wanted ? 0 : -1);
  }

  mark(place) {
    this.active = place;
    [...this.list.children].forEach((item, number) => item.setAttribute("aria-selected", number === place));
    const item = this.list.children[place];
    if (!item) return this.input.removeAttribute("aria-activedescendant");
    this.input.setAttribute("aria-activedescendant", item.id);
    const { offsetTop, offsetHeight } = item; // scrolls the list, never the page
    if (offsetTop < this.list.scrollTop) this.list.scrollTop = offsetTop;
    const below = offsetTop + offsetHeight - this.list.clientHeight;
    if (below > this.list.scrollTop) this.list.scrollTop = below;
  }

  press(event) {
    const isOpen = !this.list.hidden;
    const keys = {
      ArrowDown: () => (isOpen ? this.mark((this.active + 1) % this.shown.length) : this.open()),
      ArrowUp: () => (isOpen ? this.mark((Math.max(this.active, 0) || this.shown.length) - 1) : this.open()),
      Enter: () => isOpen && this.pick(this.shown[this.active]),
    };
    if (isOpen) keys.Escape = () => this.close();
    if (!keys[event.key]) return;
    event.preventDefault();
    event.stopPropagation();
    keys[event.key]();
  }

  pick(item) {
    if (!item) return;
    this.text = item.name;
    this.close();
    this.choose(item.label);
  }
}

function nameOf(label) {
  return label === null ? "unsure" : displayName(label);
}

// Without what the server would refuse: invisible characters, and too many of them.
function clean(text) {
  const characters = text.replace(/[\p{C}\p{Z}]+/gu, " ").trim();
  return [...characters].slice(0, MAX_LABEL).join("").trim();
}
