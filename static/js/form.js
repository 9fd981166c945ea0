// Forms: Ctrl+Enter saves, one press sends once, and unsaved words are not left without a question.
"use strict";
const changed = new WeakSet();

document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
  const form = event.target.closest("form[method=post]");
  if (!form) return;
  event.preventDefault();
  form.requestSubmit(form.querySelector("button.btn-main"));
});

document.addEventListener("input", (event) => {
  const form = event.target.closest("form[data-guard]");
  if (form) changed.add(form);
});

document.addEventListener("submit", (event) => {
  const form = event.target;
  // A form that answers with a file leaves its page where it is: it may be sent many times.
  if (event.defaultPrevented || form.method !== "post" || "many" in form.dataset) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "1";
  changed.delete(form);
});

// What is too large is told before it is sent: a server hangs up on it, and a browser says only that.
document.addEventListener("change", (event) => {
  const field = event.target;
  if (field.type !== "file" || !field.dataset.most) return;
  const size = [...field.files].reduce((sum, file) => sum + file.size, 0);
  field.setCustomValidity(size > Number(field.dataset.most) ? field.dataset.tooMuch : "");
  field.reportValidity();
});

// A page that comes back from the browser's memory may be sent again.
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});

window.addEventListener("beforeunload", (event) => {
  const left = [...document.querySelectorAll("form[data-guard]")].some((form) => changed.has(form));
  if (left) event.preventDefault();
});

// After a refusal the summary takes the focus, so that it is read first.
document.querySelector("[data-takes-focus]")?.focus();

// Copying needs script, and a secure page: only then is the button shown.
if (navigator.clipboard) {
  for (const button of document.querySelectorAll("[data-copy]")) button.hidden = false;
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  await navigator.clipboard.writeText(document.querySelector(button.dataset.copy).textContent.trim());
  document.getElementById("said").textContent = button.dataset.copied;
});
