import { createHash } from "node:crypto";
import type { Markup } from "./markup.ts";
import { html } from "./markup.ts";

/**
 * The script of the page: it filters the cases and opens what a link leads to. It reads attributes and text that
 * the page already holds, makes no markup, and the page says everything without it. No `<` and no backslash
 * in it: it is written out as it stands.
 *
 * Cases out of sight have an estimated height (`content-visibility`), so what a link leads to moves away when those
 * before it are laid out. The script goes to it again for some frames, until the reader moves the page.
 */
const SCRIPT = html`
(() => {
"use strict";
const form = document.getElementById("filter");
const said = document.getElementById("shown");
const every = (selector, root) => Array.from((root || document).querySelectorAll(selector));
const instances = every(".instance").map((element) => ({ element, text: "" }));
const cases = every(".case");
const groups = every(".verdict-group");
const fields = ["verdict", "label", "way", "polarity", "q"];
const FRAMES = 20;
let aim = null;

function textOf(instance) {
  if (instance.text === "") {
    const own = instance.element;
    const purpose = own.closest(".case").querySelector("summary").textContent;
    const parts = every("summary, .reason, .checks", own).map((part) => part.textContent);
    instance.text = (purpose + " " + parts.join(" ")).toLowerCase();
  }
  return instance.text;
}

function wanted() {
  const data = new FormData(form);
  const words = String(data.get("q") || "").toLowerCase().split(" ").filter((word) => word !== "");
  return { verdict: data.get("verdict"), label: data.get("label"), way: data.get("way"), polarity: data.get("polarity"), words };
}

function fits(instance, want) {
  const has = instance.element.dataset;
  if (want.verdict) {
    const special = want.verdict === "finding" || want.verdict === "flaky";
    if (special ? !has.marks.split(" ").includes(want.verdict) : has.verdict !== want.verdict) return false;
  }
  if (want.label) { if (!has.labels.split(" ").includes(want.label)) return false; }
  if (want.way) { if (has.way !== want.way) return false; }
  if (want.polarity) { if (has.polarity !== want.polarity) return false; }
  return want.words.length === 0 || want.words.every((word) => textOf(instance).includes(word));
}

function apply() {
  const want = wanted();
  let shown = 0;
  for (const instance of instances) {
    const fit = fits(instance, want);
    instance.element.hidden = !fit;
    if (fit) shown += 1;
  }
  for (const one of cases) one.hidden = one.querySelector(".instance:not([hidden])") === null;
  for (const group of groups) {
    const fit = every(".case:not([hidden])", group).length;
    group.hidden = fit === 0;
    const of = group.querySelector("h3 .of");
    of.dataset.all = of.dataset.all || of.textContent;
    of.textContent = fit === every(".case", group).length ? of.dataset.all : fit + " of " + of.dataset.all;
  }
  said.textContent = shown === instances.length
    ? "All " + shown + " instances are shown."
    : shown + " of " + instances.length + " instances are shown.";
  document.getElementById("show-all").hidden = shown === instances.length;
}

function remember() {
  const data = new FormData(form);
  const kept = new URLSearchParams();
  for (const name of fields) if (data.get(name)) kept.set(name, data.get(name));
  const text = kept.toString();
  history.replaceState(null, "", text === "" ? "#cases" : "#?" + text);
}

function set(text) {
  const given = new URLSearchParams(text);
  form.reset();
  for (const name of fields) if (given.has(name)) form.elements[name].value = given.get(name);
  apply();
}

function show(target) {
  if (target.closest("[hidden]") !== null) set("");
  for (let one = target; one !== null; one = one.parentElement) if (one.localName === "details") one.open = true;
  reach(target);
}

function reach(target) {
  aim = target;
  approach(target, FRAMES);
}

function approach(target, frames) {
  if (aim !== target) return;
  target.scrollIntoView();
  if (frames > 0) requestAnimationFrame(() => approach(target, frames - 1));
}

function follow() {
  const hash = location.hash.slice(1);
  if (hash.startsWith("?")) {
    set(hash.slice(1));
    reach(document.getElementById("cases"));
    return;
  }
  let name = hash;
  try { name = decodeURIComponent(hash); } catch { return; }
  const target = name === "" ? null : document.getElementById(name);
  if (target !== null) show(target);
}

function openAll(open) {
  for (const one of every(".case:not([hidden])")) one.open = open;
}

form.hidden = false;
form.addEventListener("input", () => { apply(); remember(); });
form.addEventListener("submit", (event) => event.preventDefault());
document.getElementById("show-all").addEventListener("click", () => { set(""); remember(); });
document.getElementById("open-all").addEventListener("click", () => openAll(true));
document.getElementById("close-all").addEventListener("click", () => openAll(false));
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-filter]");
  if (link === null) return;
  event.preventDefault();
  set(link.dataset.filter);
  remember();
  reach(document.getElementById("cases"));
});
addEventListener("hashchange", follow);
for (const name of ["wheel", "touchstart", "pointerdown", "keydown"]) addEventListener(name, () => { aim = null; }, { passive: true });
addEventListener("beforeprint", () => { for (const one of every("details.label, .case:not([hidden])")) one.open = true; });
apply();
follow();
})();
`;

export const SCRIPT_ELEMENT: Markup = html`<script>${SCRIPT}</script>`;

/** What the policy of the page allows: this script and no other. */
export const SCRIPT_SOURCE = `'sha256-${createHash("sha256").update(SCRIPT.toString()).digest("base64")}'`;
