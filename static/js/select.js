// Many results in the hand: a box at each, Shift takes a range, and a bar that comes when something is
// selected. Without script the same form stands under the results.
"use strict";
const pickBar = document.querySelector("[data-pick-bar]");
const boxes = () => [...document.querySelectorAll("input[name=atom]")];
let lastPicked = null;

function pickedRange(from, to) {
  const all = boxes();
  const [first, last] = [all.indexOf(from), all.indexOf(to)].sort((a, b) => a - b);
  return first < 0 ? [to] : all.slice(first, last + 1);
}

function showPicked() {
  const all = boxes();
  const every = pickBar.elements.namedItem("all");
  const count = every?.checked ? pickBar.elements.namedItem("count").value : all.filter((box) => box.checked).length;
  const isWhole = all.every((box) => box.checked);
  const told = pickBar.querySelector("[data-picked]");
  const words = told.dataset.told.replace("{}", Number(count).toLocaleString(document.documentElement.lang));
  pickBar.hidden = !Number(count);
  told.hidden = pickBar.hidden;
  if (told.textContent !== words) told.textContent = words;
  pickBar.querySelector("[data-pick-page]").hidden = isWhole;
  const label = pickBar.querySelector("[data-pick-all]");
  if (label) label.hidden = !every.checked && (!isWhole || Number(label.dataset.total) === all.length);
  for (const box of all) box.closest("[data-result]")?.classList.toggle("is-picked", box.checked);
}

async function pickedAsText() {
  const values = new URLSearchParams(new FormData(pickBar));
  values.set("plain", "1");
  const address = pickBar.querySelector("[data-copy-picked]").formAction;
  const answer = await fetch(address, { method: "POST", body: values });
  if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
  return answer.text();
}

// The text is still on its way when the press is over: only a promise keeps the right to copy.
async function copyPicked(said) {
  try {
    const text = pickedAsText().then((found) => new Blob([found], { type: "text/plain" }));
    await navigator.clipboard.write([new ClipboardItem({ "text/plain": text })]);
    said.textContent = pickBar.dataset.copied;
  } catch {
    said.textContent = pickBar.dataset.notCopied;
  }
}

function onPick(event) {
  const box = event.target;
  if (box.name !== "atom") return;
  if (event.shiftKey && lastPicked) for (const one of pickedRange(lastPicked, box)) one.checked = box.checked;
  lastPicked = box;
  // One that is taken out of the hand means that all that match are not meant any more.
  const every = pickBar.elements.namedItem("all");
  if (every && !box.checked) every.checked = false;
  showPicked();
}

if (pickBar) {
  const said = pickBar.querySelector("[data-pick-said]");
  pickBar.classList.add("is-live");
  pickBar.querySelector("[data-plain]").hidden = true;
  document.addEventListener("click", onPick);
  pickBar.addEventListener("change", showPicked);
  pickBar.querySelector("[data-pick-page]").addEventListener("click", () => {
    for (const box of boxes()) box.checked = true;
    showPicked();
    pickBar.querySelector("[data-pick-all] input")?.focus();
  });
  pickBar.addEventListener("reset", () => {
    setTimeout(() => {
      said.textContent = "";
      showPicked();
      (lastPicked ?? boxes()[0])?.focus();
    });
  });
  const copier = pickBar.querySelector("[data-copy-picked]");
  if (copier && navigator.clipboard?.write && window.ClipboardItem) {
    copier.addEventListener("click", (event) => {
      event.preventDefault();
      copyPicked(said);
    });
  }
  window.addEventListener("pageshow", showPicked);
  showPicked();
}
