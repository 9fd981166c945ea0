// Going through results by keyboard: j and k or the arrows, Enter or o opens, x takes a result into
// the hand, [ and ] turn pages. The keys are told by their place, so that every layout has them.
"use strict";
const STEPS = { KeyJ: 1, KeyK: -1 };
const ARROWS = { ArrowDown: 1, ArrowUp: -1 };
const TURNS = { BracketLeft: "prev", BracketRight: "next" };

function linkOf(result) {
  return result?.querySelector(".claim a");
}

function goOn(from, step) {
  const results = [...document.querySelectorAll("[data-result]")];
  const place = from ? results.indexOf(from) + step : step > 0 ? 0 : results.length - 1;
  linkOf(results[Math.min(Math.max(place, 0), results.length - 1)])?.focus();
}

function act(event, here) {
  const { code } = event;
  if (code in STEPS) goOn(here, STEPS[code]);
  else if (code in ARROWS && here) goOn(here, ARROWS[code]);
  else if (code === "KeyO" && here) linkOf(here).click();
  else if (code === "KeyX" && here?.querySelector("input[name=atom]")) here.querySelector("input[name=atom]").click();
  else if (code in TURNS && document.querySelector(`.pages a[rel=${TURNS[code]}]`)) document.querySelector(`.pages a[rel=${TURNS[code]}]`).click();
  else return;
  event.preventDefault();
}

// Who comes back from a result stands at it again.
document.addEventListener("focusin", (event) => {
  const link = linkOf(event.target.closest?.("[data-result]"));
  if (link) history.replaceState({ ...history.state, result: link.pathname }, "");
});
const left = history.state?.result;
if (left) [...document.querySelectorAll("[data-result] .claim a")].find((link) => link.pathname === left)?.focus({ preventScroll: true });

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.shiftKey || event.defaultPrevented) return;
  const isBox = event.target.matches?.("input[name=atom]");
  if ((isTyping(event.target) && !isBox) || document.querySelector("dialog[open]")) return;
  if (keysAreOff() && !(event.code in ARROWS)) return;
  act(event, event.target.closest?.("[data-result]"));
});
