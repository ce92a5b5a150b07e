// For components that keep something from call to call: each puts this file before its own script.
const lastCalls = new WeakMap(); // by root element

// The cleanup that a call of a component returns. If data change while the script is still being loaded, Streamlit calls
// the component for both, and then the first call's cleanup: that must not end what the second call uses.
function ofLastCall(root, end) {
  const call = {};
  lastCalls.set(root, call);
  return () => {
    if (lastCalls.get(root) === call) end();
  };
}

// Labels come from strangers: they are only ever text.
function element(tag, name, content = "") {
  const node = document.createElement(tag);
  if (name) node.className = name;
  node.textContent = content;
  return node;
}

// Bytes that the server has sent as base64.
function fromBase64(code) {
  return Uint8Array.from(atob(code), (sign) => sign.charCodeAt(0));
}
