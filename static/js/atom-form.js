// The form of an atom: rows of evidence go without asking the server, long claims get advice.
"use strict";
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-drop-row]");
  if (!button) return;
  event.preventDefault();
  const row = button.closest("[data-row]");
  const next = row.nextElementSibling?.querySelector("textarea, input:not([type=hidden])");
  row.remove();
  (next ?? document.querySelector(".evidence-add button"))?.focus();
});

const claim = document.getElementById("f-title");
const hint = document.getElementById("f-title-hint");
if (claim && hint) {
  const normal = hint.textContent;
  const advise = () => {
    const isLong = claim.value.length > Number(claim.dataset.advised);
    const text = isLong ? `${claim.dataset.advice} ${claim.value.length}/${claim.maxLength}` : normal;
    if (hint.textContent !== text) hint.textContent = text;
  };
  claim.addEventListener("input", advise);
  advise();
}

// A new row of evidence is there to be written into.
document.addEventListener("htmx:after:swap", (event) => {
  if (event.target.id !== "more-evidence") return;
  event.target.lastElementChild?.querySelector("textarea, input:not([type=hidden])")?.focus();
});
