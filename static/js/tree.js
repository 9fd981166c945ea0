// The tree of tags: branches come when they are opened, arrows walk it, curators drag tags about.
// Without script its links do the same, a page at a time.
"use strict";
const box = document.querySelector("[data-tree]");
const OPEN_MAX = 12;
const RESTS_BEFORE_OPENING = 700;
let current = null;
let dragged = null;

const isOpen = (item) => item.getAttribute("aria-expanded") === "true";
const isBranch = (item) => item.hasAttribute("aria-expanded");
const inner = (item) => item.querySelector(":scope > ul");
const parentOf = (item) => item.parentElement.closest("[role=treeitem]");
const depthOf = (item) => Number(item.getAttribute("aria-level"));

function inSight() {
  return [...box.querySelectorAll("#tree [role=treeitem]")].filter((item) => !item.parentElement.closest("[hidden]"));
}

// What was plain lists and links becomes one widget: a single stop of the Tab key, walked by arrows.
function dress() {
  const tree = document.getElementById("tree");
  if (tree?.tagName !== "UL") return;
  tree.setAttribute("role", "tree");
  tree.setAttribute("aria-label", box.getAttribute("aria-label"));
  for (const list of tree.querySelectorAll("ul")) list.setAttribute("role", "group");
  for (const item of tree.querySelectorAll("li:not([role])")) dressItem(item);
  if (!current?.isConnected) stopAt(tree.querySelector("li"));
}

function dressItem(item) {
  const twist = item.querySelector(":scope > .row > .twist");
  const name = item.querySelector(":scope > .row .name, :scope > .row .more");
  const count = item.querySelector(":scope > .row > .num");
  item.setAttribute("role", "treeitem");
  item.setAttribute("aria-level", (parentOf(item) ? depthOf(parentOf(item)) : 0) + 1);
  item.setAttribute("aria-label", `${name.textContent}, ${count?.querySelector("a")?.ariaLabel?.split(": ").pop() ?? count?.textContent ?? ""}`);
  item.tabIndex = -1;
  if (twist) {
    item.setAttribute("aria-expanded", twist.getAttribute("aria-expanded"));
    twist.setAttribute("aria-hidden", "true");
  }
  for (const link of item.querySelectorAll(":scope > .row a")) link.tabIndex = -1;
  if (box.dataset.move && item.dataset.key) {
    item.firstElementChild.draggable = true;
    name.draggable = false;
  }
}

// The Tab key stops at one item, then at the count of its row.
function stopAt(item) {
  if (!item) return;
  const links = (one) => one.querySelectorAll(":scope > .row > .num a, :scope > .row > .row-move");
  if (current) {
    current.tabIndex = -1;
    for (const link of links(current)) link.tabIndex = -1;
  }
  current = item;
  item.tabIndex = 0;
  for (const link of links(item)) link.tabIndex = 0;
}

function goTo(item) {
  if (!item) return;
  stopAt(item);
  item.focus({ preventScroll: true });
  item.firstElementChild.scrollIntoView({ block: "nearest" });
}

function addressOf(changes) {
  const address = new URL(box.dataset.source, location.href);
  for (const [name, value] of Object.entries(changes)) address.searchParams.set(name, value);
  return address.pathname + address.search;
}

function setOpen(item, open) {
  const twist = item.querySelector(":scope > .row > .twist");
  item.setAttribute("aria-expanded", String(open));
  twist.setAttribute("aria-expanded", String(open));
  remember();
}

async function open(item) {
  setOpen(item, true);
  if (inner(item)) {
    inner(item).hidden = false;
    return;
  }
  const list = document.createElement("ul");
  list.setAttribute("role", "group");
  list.setAttribute("aria-busy", "true");
  item.append(list);
  await htmx.ajax("GET", addressOf({ under: item.dataset.key, depth: depthOf(item) }), { target: list, swap: "innerHTML" });
  list.removeAttribute("aria-busy");
  dress();
  if (list.children.length) return;
  list.remove(); // the branch did not come: the next press asks again
  setOpen(item, false);
}

function fold(item) {
  setOpen(item, false);
  if (inner(item)) inner(item).hidden = true;
  if (inner(item)?.contains(document.activeElement)) goTo(item);
}

function turn(item) {
  if (isOpen(item)) fold(item);
  else open(item);
}

// The rest of a level takes the place of the row that offered it.
async function more(item) {
  const parent = parentOf(item);
  const before = item.previousElementSibling;
  const asked = { from: item.querySelector(".more").dataset.from, depth: depthOf(item) - 1 };
  if (parent) asked.under = parent.dataset.key;
  await htmx.ajax("GET", addressOf(asked), { target: item, swap: "outerHTML" });
  dress();
  goTo(before.nextElementSibling);
}

// The address keeps what is open, so that the way back from a tag leads to the same sight.
function remember() {
  const keys = [...box.querySelectorAll('#tree [aria-expanded="true"][role=treeitem]')].map((item) => item.dataset.key);
  const address = new URL(location.href);
  address.searchParams.delete("all");
  address.searchParams.delete("open");
  if (keys.length) address.searchParams.set("open", [...new Set(keys)].slice(0, OPEN_MAX).join("."));
  history.replaceState(history.state, "", address);
}

const WALK = {
  ArrowDown: (item, all) => all[all.indexOf(item) + 1],
  ArrowUp: (item, all) => all[all.indexOf(item) - 1],
  Home: (_item, all) => all[0],
  End: (_item, all) => all.at(-1),
  ArrowRight(item) {
    if (!isBranch(item)) return null;
    if (isOpen(item)) return inner(item)?.firstElementChild;
    open(item);
    return null;
  },
  ArrowLeft(item) {
    if (!isOpen(item)) return parentOf(item);
    fold(item);
    return null;
  },
  Enter(item) {
    item.querySelector(".name, .more").click();
    return null;
  },
};

function onKey(event) {
  if (event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return;
  const item = event.target.closest("[role=treeitem]");
  if (!item && event.target.type === "search" && event.key === "ArrowDown") {
    event.preventDefault();
    goTo(current?.isConnected ? current : inSight()[0]);
  }
  if (!item || (event.key === "Enter" && event.target !== item)) return;
  if (event.code === "KeyM" && box.dataset.move && item.dataset.key) {
    event.preventDefault();
    location.assign(moveAddress(item));
  } else if (WALK[event.key]) {
    event.preventDefault();
    goTo(WALK[event.key](item, inSight()));
  }
}

function onClick(event) {
  const link = event.target.closest("a");
  const item = link?.closest("[role=treeitem]");
  if (!item || event.ctrlKey || event.metaKey || event.shiftKey) return;
  if (link.matches(".twist")) turn(item);
  else if (link.matches(".more[data-from]")) more(item);
  else return;
  stopAt(item);
  event.preventDefault();
}

// Moving: a key or a button leads to the form, dragging fills it in and sends it to the preview.
const fromOf = (item) => parentOf(item)?.dataset.key ?? box.dataset.under ?? "";

function moveAddress(item) {
  const address = new URL(box.dataset.move.replace("KEY", item.dataset.key), location.href);
  if (fromOf(item)) address.searchParams.set("from", fromOf(item));
  return address.href;
}

function offerMove(item) {
  if (!box.dataset.move || !item?.dataset.key) return;
  const row = item.firstElementChild;
  let button = box.querySelector(".row-move");
  if (button?.parentElement === row) return;
  button ??= document.getElementById("row-move").content.firstElementChild.cloneNode(true);
  button.href = moveAddress(item);
  button.tabIndex = item === current ? 0 : -1;
  row.append(button);
}

function placeUnder(event) {
  if (!dragged) return null;
  if (event.target.closest("[data-drop-top]")) return { mark: event.target.closest("[data-drop-top]"), key: "" };
  const item = event.target.closest("[role=treeitem]");
  if (!item?.dataset.key || dragged.contains(item) || item.dataset.key === dragged.dataset.key) return null;
  return item === parentOf(dragged) ? null : { mark: item.firstElementChild, key: item.dataset.key, item };
}

let resting = 0;
function mark(place) {
  const marked = box.querySelector(".drop");
  if (marked === (place?.mark ?? null)) return;
  clearTimeout(resting);
  marked?.classList.remove("drop");
  place?.mark.classList.add("drop");
  const item = place?.item;
  if (item && isBranch(item) && !isOpen(item)) resting = setTimeout(open, RESTS_BEFORE_OPENING, item);
}

function letGo() {
  mark(null);
  box.classList.remove("dragging");
  dragged = null;
}

function drop(place) {
  const form = document.getElementById("tree-move");
  form.elements.tag.value = dragged.dataset.key;
  form.elements.from.value = fromOf(dragged);
  form.elements.to.value = place.key;
  form.requestSubmit();
}

function allowDragging() {
  box.addEventListener("dragstart", (event) => {
    dragged = event.target.closest?.("[role=treeitem]") ?? null;
    if (!dragged) return;
    event.dataTransfer.setData("text/plain", dragged.querySelector(".name").textContent);
    event.dataTransfer.effectAllowed = "move";
    box.classList.add("dragging");
  });
  box.addEventListener("dragover", (event) => {
    const place = placeUnder(event);
    if (place) event.preventDefault();
    mark(place);
  });
  box.addEventListener("drop", (event) => {
    const place = placeUnder(event);
    if (!place) return;
    event.preventDefault();
    drop(place);
    letGo();
  });
  box.addEventListener("dragend", letGo);
  box.addEventListener("pointerover", (event) => offerMove(event.target.closest("[role=treeitem]")));
  box.addEventListener("focusin", (event) => offerMove(event.target.closest("[role=treeitem]")));
}

function afterSwap(event) {
  if (event.target.id !== "tree" && !box.contains(event.target)) return;
  dress();
  const tree = document.getElementById("tree");
  document.getElementById("tree-said").textContent = tree.dataset.said ?? "";
  if (tree.classList.contains("found")) box.querySelector(".tree-top")?.remove();
}

if (box) {
  dress();
  box.querySelector(".tree-keys").hidden = false;
  box.addEventListener("keydown", onKey);
  box.addEventListener("click", onClick);
  box.addEventListener("focusin", (event) => {
    if (event.target.matches("[role=treeitem]")) stopAt(event.target);
  });
  document.addEventListener("htmx:after:swap", afterSwap);
  if (box.dataset.move) allowDragging();
}
