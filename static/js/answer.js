// The answer is copied by one press where the browser lets us; elsewhere its text opens to be selected.
"use strict";
const copier = document.querySelector("[data-copy-answer]");
if (copier && navigator.clipboard) {
  const byHand = copier.parentElement.querySelector(".copy-by-hand");
  const word = copier.querySelector("span");
  const offer = word.textContent;
  const said = document.getElementById("answer-said");
  let waiting;
  copier.hidden = false;
  byHand.hidden = true;
  copier.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(document.querySelector(copier.dataset.copyAnswer).textContent);
    } catch {
      byHand.hidden = false; // the browser forbids it: the text can still be selected
      byHand.open = true;
      byHand.querySelector("pre").focus();
      return;
    }
    word.textContent = copier.dataset.copied;
    said.textContent = copier.dataset.copied;
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      word.textContent = offer;
      said.textContent = "";
    }, 4000);
  });
}
