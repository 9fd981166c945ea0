// Arranging a report: sections and claims are moved by the buttons beside them, or dragged.
"use strict";
const said = document.getElementById("arranged");
const rowsOf = (list) => [...list.children].filter((one) => one.matches("[data-row]"));
const nameOf = (row) => row.querySelector("[data-name]")?.value ?? row.querySelector("[data-name]")?.textContent ?? "";

function tell(row, list) {
  const place = rowsOf(list).indexOf(row) + 1;
  said.textContent = said.dataset.told.replace("{name}", nameOf(row).trim()).replace("{place}", place).replace("{all}", rowsOf(list).length);
}

// ——— sections: their order is that of the fields, and is saved with the form ———
function moved(row) {
  row.closest("form").querySelector("[data-unsaved]").hidden = false;
  row.querySelector("[data-name]").dispatchEvent(new Event("input", { bubbles: true }));
  tell(row, row.parentElement);
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-step]");
  const row = button?.closest("[data-row]");
  if (!row || row.parentElement.dataset.sort !== "sections") return;
  event.preventDefault();
  const other = button.dataset.step === "up" ? row.previousElementSibling : row.nextElementSibling;
  if (!other) return;
  if (button.dataset.step === "up") other.before(row);
  else other.after(row);
  button.focus();
  moved(row);
});

// ——— claims: each move is saved at once ———
const kindOf = (row) => row.dataset.kind;

async function put(row, list, before) {
  const form = row.closest("form");
  const left = row.parentElement;
  const next = row.nextElementSibling;
  if (before) before.before(row);
  else {
    const same = rowsOf(list).filter((one) => one !== row && kindOf(one) === kindOf(row));
    if (same.length) same.at(-1).after(row);
    else list.append(row);
  }
  const sent = new URLSearchParams();
  sent.set("csrf_token", form.elements.csrf_token.value);
  sent.set("put", [row.dataset.key, list.dataset.place, before?.dataset.key ?? ""].join(" "));
  const answer = await fetch(form.action, { method: "POST", body: sent, headers: { Accept: "text/plain" } }).catch(() => null);
  if (answer?.ok) {
    tell(row, list);
    countAgain();
  } else {
    left.insertBefore(row, next);
    said.textContent = said.dataset.failed;
  }
}

function countAgain() {
  for (const list of document.querySelectorAll("[data-place]")) {
    const told = list.closest("section").querySelector("[data-count]");
    if (told) told.textContent = rowsOf(list).length;
  }
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-step]");
  const row = button?.closest("[data-row]");
  if (!row || row.parentElement.dataset.sort !== "claims") return;
  event.preventDefault();
  const list = row.parentElement;
  const same = rowsOf(list).filter((one) => kindOf(one) === kindOf(row));
  const place = same.indexOf(row);
  if (button.dataset.step === "up" && place > 0) put(row, list, same[place - 1]);
  if (button.dataset.step === "down" && place < same.length - 1) put(row, list, same[place + 2]);
  button.focus();
});

// ——— dragging: a second way to the same ———
let dragged = null;
const marked = [];

function mark(row, look) {
  for (const one of marked.splice(0)) one.classList.remove("drop-before", "drop-in");
  if (!row) return;
  row.classList.add(look);
  marked.push(row);
}

function target(event) {
  const list = dragged && event.target.closest?.("[data-sort]");
  if (!list || list.dataset.sort !== dragged.parentElement.dataset.sort) return null;
  if (list.dataset.takes && !list.dataset.takes.split(" ").includes(dragged.dataset.is)) return null;
  const over = event.target.closest("[data-row]");
  const isLower = over && event.clientY > over.getBoundingClientRect().top + over.offsetHeight / 2;
  let before = isLower ? over.nextElementSibling : over;
  while (before && (before === dragged || (kindOf(dragged) && kindOf(before) !== kindOf(dragged)))) before = before.nextElementSibling;
  return { list, before: before?.matches("[data-row]") ? before : null };
}

document.addEventListener("dragstart", (event) => {
  dragged = event.target.closest?.("[data-row]") ?? null;
  if (!dragged) return;
  event.dataTransfer.effectAllowed = "move";
  event.dataTransfer.setData("text/plain", nameOf(dragged));
  dragged.classList.add("is-dragged");
});
document.addEventListener("dragover", (event) => {
  const place = target(event);
  if (place) event.preventDefault();
  mark(place ? (place.before ?? place.list) : null, place?.before ? "drop-before" : "drop-in");
});
document.addEventListener("drop", (event) => {
  const place = target(event);
  if (!place) return;
  event.preventDefault();
  if (place.list.dataset.sort === "claims") put(dragged, place.list, place.before);
  else {
    place.list.insertBefore(dragged, place.before);
    moved(dragged);
  }
});
document.addEventListener("dragend", () => {
  mark(null);
  dragged?.classList.remove("is-dragged");
  dragged = null;
});

// Only the handle begins a drag, so that words in the fields can still be marked.
document.addEventListener("pointerdown", (event) => {
  const row = event.target.closest("[data-row]");
  if (row) row.draggable = Boolean(event.target.closest(".grip")) || row.parentElement.dataset.sort === "claims";
});
for (const grip of document.querySelectorAll(".grip[hidden]")) grip.hidden = false;
