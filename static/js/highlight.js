// Facts made of a source's words: what is selected, by mouse or by keys, opens a form beside it.
// A module: its names are its own.
const passages = document.querySelector(".passages");
const cutForm = document.getElementById("cut");
const WORDS = ".passage-words";
const PASSAGE_STEPS = { KeyJ: 1, KeyK: -1, ArrowDown: 1, ArrowUp: -1 };
const WORD_STEPS = { ArrowRight: "forward", ArrowLeft: "backward" };
const LINE_STEPS = { ArrowDown: "forward", ArrowUp: "backward" };
const SCROLL = "research-repo-source-scroll";
let chosen = null; // the selection as the form has it: where, what, and the range to go back to

const all = () => [...passages.querySelectorAll(WORDS)];
const wordsOf = (node) => (node?.nodeType === Node.TEXT_NODE ? node.parentElement : node)?.closest?.(WORDS);
const codePoints = (text) => [...text].length; // places are counted so, not in UTF-16

// What a range holds of the words of passages: from where to where, and which words.
function held(range) {
  const slices = [];
  for (const words of all()) {
    if (!range.intersectsNode(words)) continue;
    const inner = document.createRange();
    inner.selectNodeContents(words);
    const before = inner.cloneRange();
    if (range.compareBoundaryPoints(Range.START_TO_START, inner) > 0) inner.setStart(range.startContainer, range.startOffset);
    if (range.compareBoundaryPoints(Range.END_TO_END, inner) < 0) inner.setEnd(range.endContainer, range.endOffset);
    const text = inner.toString();
    if (!text.trim()) continue;
    before.setEnd(inner.startContainer, inner.startOffset);
    const start = Number(words.dataset.start) + codePoints(before.toString());
    slices.push({ start, end: start + codePoints(text), text, words });
  }
  if (!slices.length) return null;
  return { start: slices[0].start, end: slices.at(-1).end, text: slices.map((one) => one.text).join("\n\n"), last: slices.at(-1).words, range };
}

function selected() {
  const selection = getSelection();
  return selection.rangeCount && !selection.isCollapsed ? held(selection.getRangeAt(0)) : null;
}

// The field that takes the focus takes the selection, too: it is painted by other means.
function paint(range) {
  if (!CSS.highlights) return;
  if (range) CSS.highlights.set("chosen", new Highlight(range));
  else CSS.highlights.delete("chosen");
}

function quotedIn(range) {
  const marks = [...passages.querySelectorAll("mark[data-quotes]")].filter((mark) => range.intersectsNode(mark));
  const quotes = new Set(marks.flatMap((mark) => mark.dataset.quotes.split(" ")));
  return [...quotes].map((quote) => passages.querySelector(`[data-quote="${quote}"] a`)).filter(Boolean);
}

// Below the last words; and as much of it in sight as the words leave room for.
function place(range) {
  const { bottom, left } = [...range.getClientRects()].at(-1) ?? range.getBoundingClientRect();
  const around = cutForm.offsetParent.getBoundingClientRect();
  cutForm.style.top = `${bottom - around.top + 8}px`;
  cutForm.style.left = `${Math.max(0, Math.min(left - around.left, around.width - cutForm.offsetWidth))}px`;
  const beneath = cutForm.getBoundingClientRect().bottom + 16 - innerHeight;
  const above = range.getBoundingClientRect().top - document.querySelector(".top").offsetHeight - 16;
  if (beneath > 0 && above > 0) scrollBy(0, Math.min(beneath, above));
}

function open(found) {
  chosen = found;
  for (const name of ["start", "end"]) cutForm.elements[name].value = found[name];
  cutForm.elements.words.value = found.text;
  cutForm.querySelector("[data-cut-words]").textContent = found.text;
  const near = quotedIn(found.range);
  const box = cutForm.querySelector("[data-cut-near]");
  box.hidden = near.length === 0;
  box.querySelector("ul").replaceChildren(...near.map((link) => {
    const row = document.createElement("li");
    row.append(link.cloneNode(true));
    return row;
  }));
  cutForm.hidden = false;
  paint(found.range);
  place(found.range);
  cutForm.querySelector(".ts-control > input").focus({ preventScroll: true });
}

// What was typed stays in the form: the next selection finds it there.
function close() {
  if (cutForm.hidden) return;
  cutForm.hidden = true;
  paint(null);
  const { range, last } = chosen;
  stand(last);
  getSelection().removeAllRanges();
  getSelection().addRange(range);
}

// One passage at a time is a stop of the Tab key.
function stand(words) {
  for (const one of all()) one.tabIndex = one === words ? 0 : -1;
  words.focus({ preventScroll: true });
  words.closest(".passage").scrollIntoView({ block: "nearest" });
}

function step(from, by) {
  const list = all();
  const next = from ? list.indexOf(from) + by : list.findIndex((one) => one.tabIndex === 0);
  const words = list[Math.min(Math.max(next, 0), list.length - 1)];
  if (!words) return;
  getSelection().collapse(words, 0);
  stand(words);
}

// The next word alone, or with Shift one word more (or less). Words end where the browser says.
function takeWord(words, way, isMore) {
  const selection = getSelection();
  if (wordsOf(selection.anchorNode) !== words) selection.collapse(words, way === "forward" ? 0 : words.childNodes.length);
  const { anchorNode, anchorOffset, focusNode, focusOffset } = selection;
  if (!isMore && !selection.isCollapsed) selection[way === "forward" ? "collapseToEnd" : "collapseToStart"]();
  selection.modify("extend", way, "word");
  if (!isMore && wordsOf(selection.focusNode) !== words) selection.setBaseAndExtent(anchorNode, anchorOffset, focusNode, focusOffset);
  // From here on Shift and the arrow to the right take in more, whichever way it was reached.
  if (!isMore && way === "backward") {
    const range = selection.getRangeAt(0);
    selection.setBaseAndExtent(range.startContainer, range.startOffset, range.endContainer, range.endOffset);
  }
  tell();
}

function takeLine(words, way) {
  const selection = getSelection();
  if (wordsOf(selection.anchorNode) !== words) selection.collapse(words, 0);
  selection.modify("extend", way, "line");
  tell();
}

function tell() {
  const told = document.querySelector("[data-cut-told]");
  if (told) told.textContent = getSelection().toString();
}

function onPassage(event, words) {
  const { code, shiftKey } = event;
  if (code in WORD_STEPS) takeWord(words, WORD_STEPS[code], shiftKey);
  else if (code === "Enter" || code === "NumpadEnter") openHere(words);
  else if (code in PASSAGE_STEPS && !shiftKey) step(words, PASSAGE_STEPS[code]);
  else if (code in LINE_STEPS) takeLine(words, LINE_STEPS[code]);
  else if (code === "Escape") getSelection().collapse(words, 0);
  else return;
  event.preventDefault();
}

// Without a selection it is the whole passage.
function openHere(words) {
  if (!cutForm) return;
  const whole = document.createRange();
  whole.selectNodeContents(words);
  const found = selected() ?? held(whole);
  if (found) open(found);
}

document.addEventListener("keydown", (event) => {
  if (event.altKey || event.metaKey || event.defaultPrevented || !passages) return;
  if (event.code === "Escape" && cutForm?.contains(event.target)) return close();
  if (isTyping(event.target) || document.querySelector("dialog[open]")) return;
  const words = event.target.matches?.(WORDS) ? event.target : null;
  if (words && (!event.ctrlKey || event.code in WORD_STEPS)) return onPassage(event, words);
  const isLetter = event.code === "KeyJ" || event.code === "KeyK";
  if (!isLetter || event.ctrlKey || event.shiftKey || keysAreOff()) return;
  event.preventDefault();
  step(event.target.closest?.(".passage")?.querySelector(WORDS), PASSAGE_STEPS[event.code]);
});

// At a quote that the address leads to: it is shown, and the keys go on from there.
function arrive() {
  const led = /^#q-(\d+)$/.exec(location.hash)?.[1];
  const marks = led ? passages.querySelectorAll(`mark[data-quotes~="${led}"]`) : [];
  for (const mark of marks) mark.classList.add("is-led");
  if (marks.length) stand(wordsOf(marks[0]));
  const kept = sessionStorage.getItem(SCROLL);
  sessionStorage.removeItem(SCROLL);
  if (kept) scrollTo(0, Number(kept));
  else marks[0]?.scrollIntoView({ block: "center" });
}

if (passages) {
  all().forEach((words, place) => (words.tabIndex = place ? -1 : 0));

  // A mark and the claim beside it are one: who points at either sees both.
  const point = (event) => {
    const at = event.target.closest?.("[data-quotes], [data-quote]");
    const quotes = new Set((at?.dataset.quotes ?? at?.dataset.quote ?? "").split(" ").filter(Boolean));
    for (const one of passages.querySelectorAll("[data-quotes], [data-quote]")) {
      const own = (one.dataset.quotes ?? one.dataset.quote).split(" ");
      one.classList.toggle("is-pointed", own.some((quote) => quotes.has(quote)));
    }
  };
  passages.addEventListener("pointerover", point);
  passages.addEventListener("focusin", point);

  // After the browser itself went to the place that the address names, and left the focus nowhere.
  window.addEventListener("load", () => setTimeout(arrive));
}

if (passages && cutForm) {
  document.addEventListener("pointerup", (event) => {
    if (cutForm.contains(event.target)) return;
    // The browser settles what is selected after this event.
    setTimeout(() => {
      const found = selected();
      if (found && passages.contains(getSelection().anchorNode)) open(found);
    });
  });
  document.addEventListener("pointerdown", (event) => {
    // A press on the scroll bar is one on the root.
    if (!cutForm.hidden && !cutForm.contains(event.target) && event.target !== document.documentElement) {
      cutForm.hidden = true;
      paint(null);
    }
  });
  passages.addEventListener("click", (event) => {
    const link = event.target.closest("[data-cut-passage]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const words = link.closest(".passage").querySelector(WORDS);
    // Fingers select first and press then; what is selected elsewhere is not meant.
    if (wordsOf(getSelection().anchorNode) !== words) getSelection().removeAllRanges();
    openHere(words);
  });
  // Who opened the form by Enter and presses it again means the picker, not all of the form.
  cutForm.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.ctrlKey && !event.metaKey && event.target.matches("input")) event.preventDefault();
  });
  document.querySelector("[data-cut-hint]").hidden = false;
  cutForm.querySelector("[data-cut-close]").addEventListener("click", close);
  // Words that were selected to be copied are copied, though the focus is in the form.
  cutForm.addEventListener("copy", (event) => {
    const field = event.target;
    if (!chosen || (field.selectionStart ?? 0) !== (field.selectionEnd ?? 0)) return;
    event.clipboardData.setData("text/plain", chosen.text);
    event.preventDefault();
  });
  // The page comes back as it stood: whoever reads on does not look for the place.
  cutForm.addEventListener("submit", () => sessionStorage.setItem(SCROLL, String(scrollY)));
}
