// On a phone the filters are a sheet, open while the address ends with #facets. What is chosen there
// leads to a page that opens it again where it was, so that several choices can be made in a row.
"use strict";
const SHEET_PLACE = "research-repo-facets";
const facets = document.getElementById("facets");

function isSheet() {
  return location.hash === "#facets" && getComputedStyle(facets).position === "fixed";
}

function remembered(place) {
  try {
    const before = sessionStorage.getItem(SHEET_PLACE);
    if (place === undefined) sessionStorage.removeItem(SHEET_PLACE);
    else sessionStorage.setItem(SHEET_PLACE, place);
    return Number(before);
  } catch {
    return 0; // storage may be forbidden; then the sheet begins at its top
  }
}

facets.addEventListener("click", (event) => {
  const link = event.target.closest("a.facet");
  if (!link || !isSheet()) return;
  link.hash = "facets";
  remembered(facets.scrollTop);
});

facets.addEventListener("submit", (event) => {
  if (!isSheet()) return;
  const address = new URL(event.target.action);
  address.hash = "facets";
  event.target.action = address;
  remembered(facets.scrollTop);
});

// The sheet is open, and can be moved, only when the whole page is there.
window.addEventListener("load", () => {
  const place = remembered();
  if (isSheet()) facets.scrollTop = place;
});
