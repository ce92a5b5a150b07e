// Stores the secret that identifies a visitor's runs. The server proposes one; a stored one takes precedence.
const NAME = "har-owner";

export default function ({ data, setStateValue }) {
  let kept = null;
  try {
    kept = localStorage.getItem(NAME);
    if (!/^[A-Za-z0-9_-]{22}$/.test(kept ?? "")) {
      kept = data.known;
      localStorage.setItem(NAME, kept);
    }
  } catch {
    return; // the browser stores nothing: the secret lasts as long as the page
  }
  if (kept !== data.known) setStateValue("owner", kept);
}
