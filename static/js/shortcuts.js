// Single keys, by their place on the keyboard, so that they work in every layout. Never while
// somebody types or a dialog is open; each person may switch them off.
"use strict";
const KEYS_OFF = "research-repo-keys-off";
const sheet = document.getElementById("shortcuts");

function keysAreOff() {
  try {
    return localStorage.getItem(KEYS_OFF) === "1";
  } catch {
    return false; // storage may be forbidden; then the keys just stay on
  }
}

function isTyping(target) {
  return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
}

// The field of this page; where there is no room for one in the bar, the one that opens over it.
function toSearch() {
  const fields = [...document.querySelectorAll("form[data-search-box] input[type=search]")];
  const field = fields.find((one) => one.checkVisibility());
  if (field) {
    field.focus();
    field.select();
  } else {
    document.querySelector("[data-open-palette]")?.click();
  }
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.repeat || event.defaultPrevented) return;
  if (isTyping(event.target) || document.querySelector("dialog[open]") || keysAreOff()) return;
  if (event.key === "?" || (event.shiftKey && event.code === "Slash")) {
    sheet?.showModal();
  } else if (!event.shiftKey && (event.code === "Slash" || event.key === "/")) {
    toSearch();
  } else if (!event.shiftKey) {
    const link = document.querySelector(`[data-key="${CSS.escape(event.code)}"]`);
    if (!link) return;
    link.click();
  } else {
    return;
  }
  event.preventDefault();
});

if (sheet) {
  const opener = document.querySelector("[data-open-shortcuts]");
  opener.hidden = false;
  opener.addEventListener("click", () => sheet.showModal());
  const box = sheet.querySelector("[data-keys-on]");
  box.checked = !keysAreOff();
  box.addEventListener("change", () => {
    try {
      localStorage.setItem(KEYS_OFF, box.checked ? "0" : "1");
    } catch {
      box.checked = true;
    }
  });
}
