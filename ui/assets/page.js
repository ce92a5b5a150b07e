// What Streamlit's own elements lack for visitors who do not see the page, do not want it to move, or are on a phone.

const BAR = "[data-testid=stProgress]";
const JOB = "[class*='st-key-job-progress']"; // around a job's progress: `ui.jobs.follow`
const RESULT = ".st-key-result-heading :is(h1, h2, h3)";
const LINK = ":is([data-testid=stTopNavLink], [data-testid=stSidebarNavLink])"; // of the menu
const MENU = "[data-testid=stSidebarCollapseButton] button"; // closes it; on wide screens there is none
const MAIN = "[data-testid=stMain]"; // what scrolls
const PASTED = ".st-key-youtube-address input"; // a link is used as soon as it is pasted: `ui.annotate.youtube`
const SPEAK_MS = 10_000; // least time between two announcements of the same stage
const SETTLE_MS = 20_000; // for so long after a job its result is waited for

const still = matchMedia("(prefers-reduced-motion: reduce)");
let started = false;
let count = 0;
let spoken = { stage: "", at: 0 };
let address = null; // of the page that is shown
let ended = null; // when a job's progress was last on the page, if it no longer is

export default function () {
  if (started) return;
  started = true;
  const status = document.createElement("div");
  status.setAttribute("role", "status");
  status.style.cssText = "position: fixed; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap";
  document.body.append(status);
  let waiting = false;
  const look = () => {
    waiting = false;
    nameBars();
    nameThumbs();
    stopMotion();
    speak(status);
    focusResult();
    openAtTop();
  };
  const later = () => {
    if (!waiting) requestAnimationFrame(look);
    waiting = true;
  };
  document.addEventListener("click", leaveResult, { capture: true }); // before Streamlit
  document.addEventListener("click", closeMenu);
  document.addEventListener("paste", usePasted);
  new MutationObserver(later).observe(document.body, { childList: true, subtree: true, characterData: true });
  later();
}

// A bar is named by the text above it.
function nameBars() {
  for (const bar of document.querySelectorAll(`${BAR} [role=progressbar]:not([aria-labelledby])`)) {
    const text = bar.closest(BAR).querySelector("[data-testid=stMarkdownContainer]");
    if (!text) continue;
    text.id ||= `bar-name-${++count}`;
    bar.setAttribute("aria-labelledby", text.id);
  }
}

// The two thumbs of a range.
function nameThumbs() {
  for (const slider of document.querySelectorAll("[data-testid=stSlider] [role=group]")) {
    const thumbs = slider.querySelectorAll("input[type=range]");
    if (thumbs.length !== 2 || thumbs[0].dataset.named) continue;
    const name = slider.getAttribute("aria-label") ?? "";
    ["start", "end"].forEach((which, place) => {
      thumbs[place].removeAttribute("aria-labelledby");
      thumbs[place].setAttribute("aria-label", `${name}: ${which}`);
      thumbs[place].dataset.named = "yes";
    });
  }
}

function stopMotion() {
  if (!still.matches) return;
  for (const video of document.querySelectorAll("video[autoplay]")) {
    video.removeAttribute("autoplay");
    video.pause();
  }
}

// A new stage at once, and its progress now and then.
function speak(status) {
  const bar = document.querySelector(`${JOB} ${BAR}`);
  const stage = bar?.textContent.split(/[:·]/)[0].trim();
  if (!stage || (stage === spoken.stage && Date.now() - spoken.at < SPEAK_MS)) return;
  spoken = { stage, at: Date.now() };
  status.textContent = `${stage}, ${bar.querySelector("[role=progressbar]")?.ariaValueNow ?? 0}%`;
}

// When a job ends, keyboards and screen readers continue at its result, unless the visitor is doing something else.
function focusResult() {
  if (document.querySelector(JOB)) {
    ended = Date.now();
    return;
  }
  if (ended === null) return;
  const heading = document.querySelector(RESULT);
  if (heading && document.activeElement === document.body) {
    heading.tabIndex = -1;
    heading.focus({ preventScroll: true });
  }
  if (heading || Date.now() - ended > SETTLE_MS) ended = null;
}

// Another page, or another job, begins at its top.
function openAtTop() {
  const query = new URLSearchParams(location.search);
  const run = location.pathname.endsWith("/teach") ? "" : query.get("run"); // there it is trained below its clips
  const now = [location.pathname, query.get("job"), run].join();
  if (now === address) return;
  const first = address === null;
  address = now;
  if (first) return;
  document.querySelector(MAIN)?.scrollTo({ top: 0, behavior: "instant" });
}

// The menu leads to the beginning of a page, also from a result on it. Streamlit would stay where it is.
function leaveResult(event) {
  const link = event.target.closest?.(LINK);
  if (link?.pathname !== location.pathname || !location.search) return;
  if (event.ctrlKey || event.metaKey || event.shiftKey) return; // opens another tab
  event.preventDefault();
  event.stopPropagation();
  location.assign(link.pathname);
}

// After a choice the menu no longer covers the page, even where that page is open already.
function closeMenu(event) {
  if (event.target.closest?.(LINK)) document.querySelector(MENU)?.click();
}

// Streamlit sends what is in a field when the visitor leaves it.
function usePasted(event) {
  const field = event.target.closest?.(PASTED);
  if (field) setTimeout(() => field.blur());
}
