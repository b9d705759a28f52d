import type { SanityRecord } from "../../harness/conformance/sanity.ts";
import type { Verdict } from "../../harness/conformance/vocabulary.ts";
import type { Headline } from "../reading.ts";
import { gapSentence, headline, labelsWithoutCase } from "../reading.ts";
import type { Report } from "../report-model.ts";
import { duration, VERDICT_WORDS } from "../words.ts";
import { filterLink } from "./filter.ts";
import type { Markup } from "./markup.ts";
import { excerpt, html } from "./markup.ts";

const HEADLINE_SYMBOLS: Readonly<Record<Headline["kind"], string>> = {
  conformant: "✓",
  "not-conformant": "✕",
  undetermined: "?",
  partial: "◐",
};

const HEADLINE_TONES: Readonly<Record<Headline["kind"], string>> = {
  conformant: "good",
  "not-conformant": "bad",
  undetermined: "open",
  partial: "note",
};

export function headSection(report: Report): Markup {
  const { kind, title, meaning } = headline(report);
  const { name, vendor, version, roles } = report.system;
  return html`<header class="head ${HEADLINE_TONES[kind]}">
<p class="kicker">SEC_CF conformance report</p>
<h1><span class="seal" aria-hidden="true">${HEADLINE_SYMBOLS[kind]}</span>${title}</h1>
<p class="system"><strong>${name}</strong> ${version} <span class="by">by ${vendor}, tested as ${roles.join(", ")}</span></p>
<p class="lead">${meaning}</p>
<p class="lead">${gapSentence(report)}</p>
${notices(report)}
${counts(report)}
</header>`;
}

function notices(report: Report): readonly Markup[] {
  const { interrupted, fault, sanity } = report.run;
  return [
    ...(interrupted === undefined
      ? []
      : [html`<p class="notice"><strong>The run was interrupted.</strong> ${excerpt(interrupted)}</p>`]),
    ...(fault === undefined
      ? []
      : [
          html`<p class="notice"><strong>Started with a fault.</strong> The reference system ran with <code>${fault}</code>: what fails here is meant to fail.</p>`,
        ]),
    ...sanity.filter((record) => !record.ok).map(sanityNotice),
  ];
}

function sanityNotice(record: SanityRecord): Markup {
  return html`<p class="notice"><strong>The ${record.when} sanity check failed</strong> on <code>${record.wayIn}</code>. ${excerpt(record.detail)}</p>`;
}

function counts(report: Report): Markup {
  const { verdicts, findings, flaky } = report.summary;
  const silent = labelsWithoutCase(report).length;
  return html`<dl class="counts">
${verdictCount("pass", verdicts.pass)}
${verdictCount("fail", verdicts.fail)}
${verdictCount("inconclusive", verdicts.inconclusive)}
${verdictCount("error", verdicts.error)}
${verdictCount("not-applicable", verdicts.notApplicable)}
${plainCount("findings", findings, html`<a href="#findings">${findings}</a>`)}
${plainCount("flaky instances", flaky, filterLink("verdict=flaky", html`${flaky}`))}
${plainCount("labels without a case", silent, html`<a href="#requirements">${silent}</a>`)}
</dl>`;
}

function verdictCount(verdict: Verdict, number: number): Markup {
  const { symbol, word, tone } = VERDICT_WORDS[verdict];
  const shown = number === 0 ? "zero" : tone;
  const figure = html`${number}`;
  return html`<div class="${shown}"><dt><span aria-hidden="true">${symbol}</span> ${word}</dt><dd>${number === 0 ? figure : filterLink(`verdict=${verdict}`, figure)}</dd></div>`;
}

function plainCount(name: string, number: number, link: Markup): Markup {
  return html`<div class="${number === 0 ? "zero" : "plain"}"><dt>${name}</dt><dd>${number === 0 ? "0" : link}</dd></div>`;
}

export function runSection(report: Report): Markup {
  const { suite, profile, run } = report;
  return html`<section aria-labelledby="run">
<h2 id="run">System, profile and run</h2>
<p class="lead">The hashes (SHA-256) bind this report to the profile, the case catalogue and the proof that were used.</p>
<div class="facts">
<dl>
${fact("System", report.system.name)}
${fact("Vendor", report.system.vendor)}
${fact("Version", report.system.version)}
${fact("Roles under test", report.system.roles.join(", "))}
${fact("Release claimed", String(profile.release))}
${hash("ICS hash", profile.ics)}
${hash("IXIT hash", profile.ixit)}
</dl>
<dl>
${fact("Suite", `${suite.name} ${suite.version}`)}
${hash("Commit", suite.commit ?? "not recorded")}
${hash("Catalogue hash", suite.catalogue)}
${hash("Proof hash", suite.proof)}
${fact("Node.js", run.node)}
${fact("OpenSSL", run.openssl)}
</dl>
<dl>
${hash("Run", run.id)}
${fact("Scope", run.scope)}
${fact("Started", run.startedAt)}
${fact("Took", duration(run.durationMs))}
${fact("Seed", String(run.seed))}
${optional("Shard", run.shard)}
${optional("Fault", run.fault)}
${optional("Baseline", run.baseline)}
${run.sanity.map((record) => fact(`Sanity, ${record.when}`, sanityWords(record)))}
</dl>
</div>
</section>`;
}

function sanityWords(record: SanityRecord): string {
  return `${record.ok ? "✓ passed" : "✕ failed"} on ${record.wayIn}`;
}

function fact(name: string, value: string): Markup {
  return html`<div><dt>${name}</dt><dd>${value}</dd></div>
`;
}

function hash(name: string, value: string): Markup {
  return html`<div><dt>${name}</dt><dd><code class="hash">${value}</code></dd></div>
`;
}

function optional(name: string, value: string | undefined): Markup | undefined {
  return value === undefined ? undefined : fact(name, value);
}
