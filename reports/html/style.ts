import { html } from "./markup.ts";

/** The style of the page. No font, image or other resource from outside; colour only repeats what words say. */
export const STYLE = html`<style>
:root {
  color-scheme: light dark;
  --paper: #ffffff; --panel: #f5f6f8; --ink: #1a1f26; --soft: #555e6a; --line: #dadfe5; --edge: #7b8592; --link: #0a4f9e;
  --good: #14602c; --good-bg: #e5f3e8; --bad: #9c1223; --bad-bg: #fce9e9;
  --open: #714600; --open-bg: #fdf1d0; --half: #6a4a00; --half-bg: #faf3df;
  --note: #134a86; --note-bg: #e6effa; --none: #555e6a; --none-bg: #eef0f3;
  --mono: ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace;
  --sans: system-ui, -apple-system, "Segoe UI", "Helvetica Neue", "Noto Sans", "DejaVu Sans", sans-serif;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #101418; --panel: #181d23; --ink: #e4e8ed; --soft: #a0a9b4; --line: #2f3740; --edge: #77818d; --link: #8cbcf5;
    --good: #86d79b; --good-bg: #14301c; --bad: #ff9c9c; --bad-bg: #431a1d;
    --open: #f2c766; --open-bg: #3a2c0b; --half: #e5cd8c; --half-bg: #302a18;
    --note: #9cc5f5; --note-bg: #14293f; --none: #a0a9b4; --none-bg: #20262d;
  }
}
.good { --tone: var(--good); --tone-bg: var(--good-bg); }
.bad { --tone: var(--bad); --tone-bg: var(--bad-bg); }
.open { --tone: var(--open); --tone-bg: var(--open-bg); }
.half { --tone: var(--half); --tone-bg: var(--half-bg); }
.note { --tone: var(--note); --tone-bg: var(--note-bg); }
.none { --tone: var(--none); --tone-bg: var(--none-bg); }

* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; scroll-padding-top: 1rem; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 0.9375rem/1.5 var(--sans); font-variant-numeric: tabular-nums; }
main { max-width: 84rem; margin: 0 auto; padding: 2.5rem 2rem 5rem; }
h1, h2, h3 { line-height: 1.2; text-wrap: balance; }
h2 .of { margin-left: 0.4rem; letter-spacing: 0; }
h2 { margin: 3rem 0 0.75rem; font-size: 1.375rem; font-weight: 650; letter-spacing: -0.01em; }
h3 { margin: 2rem 0 0.75rem; font-size: 1.0625rem; font-weight: 650; }
p { margin: 0.5rem 0; }
a { color: var(--link); text-decoration-thickness: 1px; text-underline-offset: 0.15em; }
a:hover { text-decoration-thickness: 2px; }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
code, pre { font-family: var(--mono); font-size: 0.86em; }
code { overflow-wrap: anywhere; unicode-bidi: isolate; }
td > code, td a > code { display: inline-block; max-width: 100%; }
small, .of { color: var(--soft); font-size: 0.8125rem; font-weight: 400; }
.lead { max-width: 46rem; text-wrap: pretty; }
section > .lead { color: var(--soft); margin-bottom: 1rem; }
p.none { color: var(--soft); font-style: italic; }
.heard { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }

.head { border-left: 6px solid var(--tone); padding-left: 1.75rem; }
.kicker { margin: 0 0 0.75rem; color: var(--soft); font-size: 0.8125rem; font-weight: 600; letter-spacing: 0.06em; text-transform: uppercase; }
h1 { display: flex; flex-wrap: wrap; align-items: center; gap: 0.9rem; margin: 0 0 0.5rem; font-size: 2.5rem; font-weight: 700; letter-spacing: -0.02em; }
.seal { display: inline-grid; place-items: center; flex: none; width: 2.9rem; height: 2.9rem; border: 2px solid var(--tone); border-radius: 50%; background: var(--tone-bg); color: var(--tone); font-size: 1.5rem; }
.system { margin-bottom: 1rem; font-size: 1.125rem; overflow-wrap: anywhere; }
.by { color: var(--soft); }
.notice { max-width: 46rem; margin-top: 0.9rem; padding: 0.6rem 0.9rem; border: 1px solid var(--open); border-radius: 4px; background: var(--open-bg); color: var(--open); overflow-wrap: anywhere; }
.counts { display: flex; flex-wrap: wrap; gap: 0.5rem; margin: 1.5rem 0 0; }
.counts > div { display: flex; flex-direction: column-reverse; justify-content: flex-end; min-width: 6.5rem; padding: 0.5rem 0.8rem 0.55rem; border: 1px solid var(--line); border-top: 3px solid var(--tone, var(--soft)); border-radius: 3px; }
.counts dt { color: var(--tone, var(--ink)); font-size: 0.8125rem; }
.counts dd { margin: 0; font-size: 1.625rem; font-weight: 650; line-height: 1.2; }
.counts dd a { color: inherit; text-decoration-color: var(--line); }
.counts dd a:hover { text-decoration-color: currentColor; }
.counts .plain { --tone: var(--soft); }
.counts .zero { border-top-color: var(--line); }
.counts .zero dt, .counts .zero dd { color: var(--soft); font-weight: 400; }

nav { margin-top: 2rem; border-block: 1px solid var(--line); }
nav ul { display: flex; flex-wrap: wrap; gap: 0 1.75rem; margin: 0; padding: 0; list-style: none; }
nav a { display: inline-block; padding: 0.6rem 0; text-decoration: none; }
nav a:hover { text-decoration: underline; }

.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(20rem, 1fr)); gap: 0 2.5rem; }
.facts dl { margin: 0; }
.facts dl > div { display: grid; grid-template-columns: 8.5rem 1fr; gap: 0.75rem; padding: 0.35rem 0; border-bottom: 1px solid var(--line); }
dt { color: var(--soft); }
.hash { font-size: 0.75rem; }
dd { margin: 0; overflow-wrap: anywhere; }

.scroll { position: relative; overflow-x: auto; }
table { width: 100%; border-collapse: collapse; }
th, td { padding: 0.5rem 0.75rem 0.5rem 0; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; }
thead th { border-bottom: 2px solid var(--ink); color: var(--soft); font-size: 0.8125rem; font-weight: 600; vertical-align: bottom; }
tbody th { font-weight: 650; }
td { overflow-wrap: break-word; }
.clause { min-width: 8rem; max-width: 16rem; overflow-wrap: anywhere; }
.detail { min-width: 14rem; max-width: 34rem; color: var(--soft); font-family: var(--mono); font-size: 0.8125rem; overflow-wrap: anywhere; white-space: pre-wrap; unicode-bidi: isolate; }
tr.group > * { padding-top: 1rem; }
tr.flow td { border-bottom-style: dotted; }
tr:target > * { background: var(--note-bg); }

.mark { display: inline-block; padding: 0.05rem 0.5rem; border: 1px solid var(--tone); border-radius: 3px; background: var(--tone-bg); color: var(--tone); font-size: 0.8125rem; font-weight: 600; line-height: 1.45; white-space: nowrap; }
.mark.none { border-color: transparent; font-weight: 400; }

.matrix { min-width: 62rem; table-layout: fixed; }
.matrix thead th { padding-inline: 0.5rem; font-weight: 400; vertical-align: top; }
.matrix thead th:first-child, .matrix tbody th { width: 22%; padding-left: 0; }
.matrix thead th:last-child { width: 9.5rem; }
.matrix .number { color: var(--ink); font-weight: 650; }
.matrix thead .title { display: block; font-size: 0.75rem; line-height: 1.3; hyphens: auto; overflow-wrap: anywhere; }
.matrix tbody th { display: table-cell; font-weight: 400; }
.matrix tbody th > div { display: grid; grid-template-columns: 3rem 1fr; align-items: baseline; line-height: 1.35; }
.matrix tbody th .title { color: var(--soft); font-size: 0.8125rem; }
.matrix td { border-left: 1px solid var(--line); vertical-align: middle; }
.cell { padding: 0; }
.cell a { display: block; padding: 0.4rem 0.5rem; background: var(--tone-bg); color: var(--tone); text-decoration: none; }
.cell a:hover .said { text-decoration: underline; }
.cell.none a { background: none; }
.cell .said { display: block; font-size: 0.875rem; font-weight: 600; }
.cell.none .said { font-weight: 400; }
.cell .of { font-size: 0.75rem; color: var(--tone); }
.cell.empty { padding: 0.4rem 0.5rem; color: var(--soft); }
.overall { padding: 0.4rem 0.5rem; }
.legend { display: grid; grid-template-columns: repeat(auto-fit, minmax(22rem, 1fr)); gap: 0.35rem 2rem; margin: 1.25rem 0 0; font-size: 0.8125rem; }
.legend > div { display: grid; grid-template-columns: 9.25rem 1fr; align-items: baseline; }
.legend dd { color: var(--soft); }

summary { cursor: pointer; }
.fold summary { color: var(--link); white-space: nowrap; }
[hidden] { display: none !important; }
ul.plain { margin: 0; padding: 0; list-style: none; }
ul.plain li + li { margin-top: 0.5rem; }
ul.chips { display: grid; grid-template-columns: repeat(auto-fill, minmax(10.5rem, 1fr)); gap: 0.1rem 1rem; margin: 0; padding: 0; list-style: none; }
.of-use-cases th:last-child { width: 62%; }
.symbol { display: inline-block; width: 1.1em; color: var(--tone); font-weight: 650; text-align: center; }

.attention td:first-child { width: 8.5rem; white-space: nowrap; }
.attention .which { width: 36%; }
.attention .detail { max-width: none; }

.label, .case { border: 1px solid var(--line); border-top: 0; }
.lead + .label { border-top: 1px solid var(--line); }
.verdict-group h3 { margin-bottom: 0; padding-bottom: 0.6rem; border-bottom: 1px solid var(--line); }
.label > summary, .case > summary { display: flex; flex-wrap: wrap; align-items: baseline; gap: 0.15rem 0.75rem; padding: 0.5rem 0.9rem; }
.label > summary { display: grid; grid-template-columns: 1rem 2.75rem minmax(0, 1fr) auto 9.5rem; }
.label > summary .number { font-weight: 650; }
.label > summary .mark { justify-self: start; }
.label > summary::-webkit-details-marker, .case > summary::-webkit-details-marker, .instance > summary::-webkit-details-marker { display: none; }
.label > summary::before, .case > summary::before, .instance > summary::before { content: "▸"; color: var(--soft); }
.label[open] > summary::before, .case[open] > summary::before, .instance[open] > summary::before { content: "▾"; }
.label > summary:hover, .label[open] > summary, .case > summary:hover, .case[open] > summary { background: var(--panel); }
.label > .body { padding: 0.5rem 1rem 1rem 2.65rem; border-top: 1px solid var(--line); }
.label:target, .case:target, .instance:target { outline: 2px solid var(--link); outline-offset: -1px; }
.coverage { width: auto; min-width: 30rem; margin: 0.5rem 0; }
.coverage th, .coverage td { padding: 0.45rem 1.5rem 0.45rem 0; }
.coverage tbody th { font-weight: 400; }
.coverage .chips { grid-template-columns: repeat(3, max-content); margin-top: 0.25rem; font-size: 0.8125rem; }
.faults code { white-space: nowrap; overflow-wrap: normal; }

.filter { position: sticky; top: 0; z-index: 1; display: flex; flex-wrap: wrap; align-items: end; gap: 0.5rem 0.9rem; margin: 0.75rem 0 1rem; padding: 0.7rem 0.9rem; border: 1px solid var(--line); border-radius: 4px; background: var(--panel); }
.filter label { display: grid; gap: 0.15rem; color: var(--soft); font-size: 0.75rem; }
.filter .search { flex: 1 1 14rem; }
.filter input, .filter select, .filter button { font: inherit; font-size: 0.875rem; color: var(--ink); background: var(--paper); border: 1px solid var(--edge); border-radius: 3px; padding: 0.3rem 0.5rem; max-width: 15rem; }
.filter input { max-width: none; width: 100%; }
.filter button { cursor: pointer; }
.filter button:hover { border-color: var(--link); }
.filter .buttons { display: flex; gap: 0.4rem; }
.filter .shown { flex-basis: 100%; color: var(--soft); font-size: 0.8125rem; }

.key { font-weight: 650; }
.case { content-visibility: auto; contain-intrinsic-size: auto 2.6rem; }
.case > .body { padding: 0.5rem 1rem 1.1rem 1.5rem; border-top: 1px solid var(--line); }
.purpose { flex: 1 1 24rem; color: var(--soft); }
.case[open] > summary .purpose { color: var(--ink); }
.tally { color: var(--soft); font-size: 0.8125rem; white-space: nowrap; }
.case, .instance, .label { scroll-margin-top: 9rem; }
.instances-head { margin: 1.1rem 0 0.4rem; }
.permalink { margin-left: 0.75rem; font-size: 0.8125rem; }
.instance { border-top: 1px solid var(--line); }
.instance:last-child { border-bottom: 1px solid var(--line); }
.instance > summary { display: flex; flex-wrap: wrap; align-items: baseline; gap: 0.1rem 0.6rem; padding: 0.3rem 0.25rem; }
.instance > summary:hover { background: var(--panel); }
.instance > summary .key { font-weight: 400; }
.glimpse { margin-left: 0.5rem; flex: 1 1 12rem; color: var(--soft); font-family: var(--mono); font-size: 0.8125rem; overflow-wrap: anywhere; unicode-bidi: isolate; }
.instance[open] > summary .glimpse { visibility: hidden; }
.took { color: var(--soft); font-size: 0.8125rem; }
.instance > .body { padding: 0.25rem 0 0.9rem 1.5rem; }
.reason { max-width: 52rem; overflow-wrap: anywhere; unicode-bidi: isolate; }
.root { white-space: normal; }
.checks th, .checks td { padding-block: 0.35rem; }
.checks td:first-child { width: 7rem; }
.checks .clause { width: 8rem; min-width: 6rem; }
.checks thead th { border-bottom: 1px solid var(--soft); }
.judged .faults { width: 17rem; font-size: 0.8125rem; }
.judged .detail div + div { margin-top: 0.15rem; }
.case-facts { display: flex; flex-wrap: wrap; gap: 0.2rem 2rem; margin: 0.5rem 0 0.9rem; font-size: 0.8125rem; }
.case-facts > div { display: flex; gap: 0.5rem; }
.transcript > summary { width: fit-content; color: var(--link); }
.transcript > summary, .file { font-size: 0.8125rem; }
.transcript pre { max-height: 32rem; margin: 0.5rem 0; padding: 0.8rem 1rem; overflow: auto; border: 1px solid var(--line); border-radius: 3px; background: var(--panel); line-height: 1.45; white-space: pre-wrap; overflow-wrap: anywhere; tab-size: 4; }

@media (max-width: 40rem) {
  main { padding: 1.25rem 1rem 3rem; }
  .head { padding-left: 1rem; }
  h1 { font-size: 1.75rem; }
  .label > .body, .case > .body, .instance > .body { padding-left: 0.75rem; }
  .label > summary { grid-template-columns: 1rem 2.75rem minmax(0, 1fr); }
  .label > summary .level, .label > summary .mark { grid-column: 3; }
  .filter { position: static; }
  .attention thead { position: absolute; clip-path: inset(50%); }
  .attention tr, .attention td:nth-child(n) { display: block; width: auto; }
  .attention td { padding: 0.25rem 0; border-bottom: 0; }
  .attention tr { padding: 0.4rem 0; border-bottom: 1px solid var(--line); }
  .case, .instance, .label { scroll-margin-top: 1rem; }
}
@media print {
  @page { margin: 15mm 12mm; }
  :root { color-scheme: light; --paper: #ffffff; --panel: #ffffff; --ink: #000000; --soft: #444444; --line: #bbbbbb; --edge: #bbbbbb; --link: #000000;
    --good: #14602c; --bad: #9c1223; --open: #714600; --half: #6a4a00; --note: #134a86; --none: #444444;
    --good-bg: #e5f3e8; --bad-bg: #fce9e9; --open-bg: #fdf1d0; --half-bg: #faf3df; --note-bg: #e6effa; --none-bg: #ffffff; }
  html { font-size: 9pt; }
  main { max-width: none; padding: 0; }
  nav { display: none; }
  .scroll { overflow: visible; }
  .matrix { min-width: 0; }
  .filter, .permalink { display: none; }
  .label::details-content, .case::details-content, .fold::details-content { content-visibility: visible; block-size: auto; }
  .transcript pre { max-height: none; }
  h2, h3 { break-after: avoid; }
  tr, .case > summary { break-inside: avoid; }
  thead { display: table-header-group; }
  a { text-decoration: none; }
}
</style>`;
