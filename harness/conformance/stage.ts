import { uaToHex } from "../protocols/gba/index.ts";
import type { Access, ApplicationRequest } from "../roles/terminal/index.ts";
import type { VisitedNetwork } from "../roles/visited-network/index.ts";
import { type Ixit, isPerToken } from "../system/profile/index.ts";
import type { TestSystem } from "../system/test-system.ts";
import type { AddressTranslation } from "../wire/address-translation.ts";
import { describeEnding } from "../wire/observer.ts";
import type { HandshakeOutcome } from "../wire/secure-client.ts";
import { attempt } from "./attempt.ts";
import type {
  CaseContext,
  CaseTerminal,
  EnablerView,
  KeyManagerView,
  RefusalOptions,
  StateProbe,
  Subject,
  ToldView,
  Trial,
} from "./case-context.ts";
import { claimedUa } from "./claimed-ua.ts";
import { compareViews } from "./connection-view.ts";
import { Controls } from "./controls.ts";
import { startDecoy } from "./decoy.ts";
import { enablerView } from "./enabler-view.ts";
import { keyManagerView } from "./key-manager-view.ts";
import { observe, readState, readView, tokenState } from "./observations.ts";
import type { Instance } from "./parameters.ts";
import { boundLabels } from "./selection.ts";
import { type Goal, StageEntries } from "./stage-entries.ts";
import { StagePaths } from "./stage-paths.ts";
import { StageTerminal } from "./stage-terminal.ts";
import type { Transcript } from "./transcript.ts";
import { CaseDefect, Inconclusive, NothingToAsk, NotObservable } from "./verdict.ts";
import { type Check, isLabel, type Label, type Level } from "./vocabulary.ts";

const OWN_MISTAKES = [CaseDefect, TypeError, ReferenceError, RangeError, SyntaxError];

export interface StageOptions {
  readonly instance: Instance;
  readonly system: TestSystem;
  readonly transcript: Transcript;
  readonly onCheck: (check: Check) => void;
}

/** What one attempt at one instance stands on; it ends every connection that it opened. */
export class Stage implements CaseContext {
  readonly terminal: CaseTerminal;
  readonly enabler: EnablerView;
  readonly keyManager: KeyManagerView;
  readonly #options: StageOptions;
  readonly #controls: Controls;
  readonly #sessions: { close(): Promise<void> }[] = [];
  readonly #entered: Access[] = [];
  readonly #paths: StagePaths;
  readonly #entries: StageEntries;

  constructor(options: StageOptions) {
    this.#options = options;
    const { system, transcript } = options;
    this.#paths = new StagePaths(system, (path) => this.#sessions.push(path));
    this.enabler = enablerView(system, transcript);
    this.keyManager = keyManagerView(system, transcript);
    this.#controls = new Controls({
      enabler: this.#goal,
      responseMs: this.#responseMs,
      recoveryMs: system.profile.ixit.bounds.recoveryMs,
      enterAnew: async () => {
        const terminal = this.#stageTerminal();
        if (this.#withoutUser) return terminal.enterAsNobody();
        const association = await terminal.bootstrap();
        return terminal.enter(association.credential);
      },
      note: (text) => transcript.note(text),
    });
    this.#entries = new StageEntries({
      goal: this.#goal,
      wayIn: options.instance.case.needs.wayIn,
      separator: this.ixit.psk.separator,
      newTerminal: () => this.#stageTerminal(),
    });
    this.terminal = this.anotherTerminal();
  }

  get parameters() {
    return this.#options.instance.parameters;
  }

  get ics() {
    return this.#options.system.profile.ics;
  }

  get ixit() {
    return this.#options.system.profile.ixit;
  }

  get #responseMs(): number {
    return this.#options.system.profile.ixit.bounds.responseMs;
  }

  readonly anotherTerminal: CaseContext["anotherTerminal"] = (options = {}) => {
    const terminal = this.#stageTerminal(options);
    return {
      impi: terminal.subscriber.impi,
      impus: terminal.subscriber.impus,
      bootstrap: (options) => terminal.bootstrap(options),
      enter: (credential, options) => terminal.enter(credential, options),
      renegotiate: (access, options) => terminal.renegotiate(access, options),
      enterWithDigest: (credential, options) => terminal.enterWithDigest(credential, options),
      enterAsNobody: (options) => terminal.enterAsNobody(options),
      handshakeWithCertificate: async () => reached(await terminal.handshakeWithCertificate()),
      handshakeWith: async (suites, version = "1.2") => {
        return reached(await terminal.handshakeWithCertificate({ suites, version }));
      },
      attempt: (credential, options = {}) =>
        attempt({
          enter: () => terminal.enter(credential, options),
          controls: this.#controls,
          enabler: this.enabler,
          state: this.#attemptState(),
          options,
        }),
    };
  };

  #stageTerminal(options: Parameters<CaseContext["anotherTerminal"]>[0] = {}): StageTerminal {
    const { system, instance, transcript } = this.#options;
    const onSecret = this.#paths.secretsOf(options.behind);
    return new StageTerminal({
      system,
      instance,
      observer: transcript,
      onSession: (session) => this.#sessions.push(session),
      onEntered: (access) => this.#entered.push(access),
      ...(onSecret === undefined ? {} : { onSecret }),
      ...options,
    });
  }

  /** A refused attempt also tries to change a state, where other cases cannot change it meanwhile. */
  #attemptState() {
    const { state } = this.ixit.resources;
    return state !== undefined && isPerToken(this.ixit) ? tokenState(state) : undefined;
  }

  readonly addressTranslation = (): Promise<AddressTranslation> => this.#paths.addressTranslation();

  readonly visitedNetwork = (): Promise<VisitedNetwork> => this.#paths.visitedNetwork();

  readonly networkOnZn: CaseContext["networkOnZn"] = async (story) => {
    if (this.#options.instance.case.exclusive !== true)
      throw new CaseDefect("what stands on Zn concerns every terminal: the case must be exclusive");
    const { network, leave } = await this.#paths.networkOnZn();
    this.#options.transcript.note("a network stands between enabler and key manager");
    try {
      await this.#controls.recover();
      return await story(network);
    } finally {
      await leave();
      this.#options.transcript.note("the enabler reaches the key manager as before");
      await this.#controls.recover();
    }
  };

  readonly claimedUa = ({ session }: Access): string => {
    return uaToHex(
      claimedUa(this.ics, this.#options.instance.case.needs.wayIn, session.version, session.suite),
    );
  };

  readonly preamble = async <T>(text: string, step: () => Promise<T>): Promise<T> => {
    this.#options.transcript.note(`preamble: ${text}`);
    try {
      return await step();
    } catch (error) {
      // A mistake of our own is an error: it must not look like something that the SUT did.
      if (
        error instanceof Inconclusive ||
        error instanceof NotObservable ||
        error instanceof NothingToAsk ||
        OWN_MISTAKES.some((mistake) => error instanceof mistake)
      )
        throw error;
      throw new Inconclusive(`preamble "${text}": ${error instanceof Error ? error.message : String(error)}`);
    }
  };

  readonly enterValid: CaseContext["enterValid"] = (terminal, credential) =>
    this.#entries.valid(terminal, credential);

  readonly enterServed: CaseContext["enterServed"] = async (terminal, credential) =>
    this.#entries.served(await this.enterValid(terminal, credential));

  readonly enterServedWithDigest: CaseContext["enterServedWithDigest"] = async (terminal, credential) =>
    this.#entries.challenged(await terminal.enterWithDigest(credential));

  readonly enterServedAsNobody: CaseContext["enterServedAsNobody"] = async (terminal) =>
    this.#entries.served(await terminal.enterAsNobody());

  /** What a valid terminal gets over the way in of the instance. */
  get #goal(): Goal {
    const { protectedResource, serves } = this.enabler;
    if (!this.#withoutUser) return { name: "protected resource", protectedResource, serves };
    const { request, isIn } = this.enabler.open;
    return { name: "open resource", protectedResource: request, serves: isIn };
  }

  get #withoutUser(): boolean {
    return this.#options.instance.case.needs.wayIn === "server-only";
  }

  readonly refusal = (action: () => Promise<Trial>, options: RefusalOptions = {}) => {
    return this.#controls.around(action, options, undefined);
  };

  readonly identityTold: CaseContext["identityTold"] = async (access, btid, headers = []) => {
    return this.#told(this.ixit.resources.identity, access, btid, headers);
  };

  readonly publicIdentityTold: CaseContext["identityTold"] = async (access, btid, headers = []) => {
    const { identity, publicIdentity } = this.ixit.resources;
    return this.#told(publicIdentity ?? identity, access, btid, headers);
  };

  #told(
    place: Ixit["resources"]["publicIdentity"],
    access: Access,
    btid: string,
    headers: NonNullable<ApplicationRequest["headers"]>,
  ): Promise<string | undefined> {
    if (place === undefined)
      throw new CaseDefect("the case reads the identity but does not declare it in needs.observes");
    const url = place.url.replaceAll("{btid}", encodeURIComponent(btid));
    return observe(access, { url, extract: place.extract, headers }, this.#responseMs);
  }

  readonly viewTold = (access: Access): Promise<ToldView | undefined> => {
    return readView(access, this.ixit.resources.view);
  };

  readonly state = (): StateProbe => {
    const { state } = this.ixit.resources;
    if (state === undefined)
      throw new CaseDefect("the case uses a state but does not declare it in needs.observes");
    const own = tokenState(state);
    const read = async () => readState(await this.#controls.valid(), own, this.#responseMs);
    return { change: own.change, read };
  };

  readonly restartSystem = (): Promise<void> => this.#options.system.restart();

  readonly decoy: CaseContext["decoy"] = async () => {
    const decoy = await startDecoy(this.ixit);
    if (decoy === undefined) return undefined;
    this.#sessions.push(decoy);
    this.#options.transcript.note(`a decoy listens at ${decoy.authority}`);
    return decoy;
  };

  readonly untilAfter = async (date: Date): Promise<void> => {
    const ms = date.getTime() + this.ixit.bounds.expiryToleranceMs - Date.now();
    // The only event that ends the validity of a key is its time.
    await new Promise((resolve) => setTimeout(resolve, Math.max(ms, 0)));
  };

  readonly check = (subject: Subject, text: string, holds: boolean, detail?: string): void => {
    this.#judge("must", subject, text, holds, detail);
  };

  readonly should = (subject: Subject, text: string, holds: boolean, detail?: string): void => {
    this.#judge("should", subject, text, holds, detail);
  };

  readonly observe = (text: string, detail: string): void => {
    this.#record({ level: "observe", text, outcome: "observed", detail });
  };

  #judge(level: Level, subject: Subject, text: string, holds: boolean, detail: string | undefined): void {
    const gone = this.#options.system.systemGone;
    // A system that is gone refuses everything and serves nothing: neither says what it would have done.
    if (gone !== undefined) throw new Inconclusive(gone);
    if (isLabel(subject) && !this.#options.instance.case.requirements.includes(subject)) {
      throw new CaseDefect(`the case judges ${subject} but does not declare it`);
    }
    if (isLabel(subject) && boundLabels([subject], this.ics.release).length === 0) {
      this.#recordUnbound(subject, text, holds, detail);
      return;
    }
    this.#record({
      ...(isLabel(subject) ? { requirement: subject } : { clause: subject }),
      level,
      text,
      outcome: holds ? "passed" : "failed",
      ...(detail === undefined ? {} : { detail }),
    });
  }

  /** What the claimed release does not demand is recorded and decides nothing (OMA-RD-SEC_CF 6, Enabler Release). */
  #recordUnbound(label: Label, text: string, holds: boolean, detail: string | undefined): void {
    const seen = `${holds ? "so" : "not so"}; release ${this.ics.release} does not bind label ${label}`;
    this.observe(text, detail === undefined ? seen : `${seen} (${detail})`);
  }

  #record(check: Check): void {
    this.#options.transcript.note(
      `check ${check.requirement ?? check.clause ?? "-"} (${check.level}): ${check.text}: ${check.outcome}` +
        (check.detail === undefined ? "" : ` (${check.detail})`),
    );
    this.#options.onCheck(check);
  }

  /** At the end of a valid case: both ends have the same view of each connection that stands (RD 3.2). */
  async compareViews(): Promise<void> {
    if (this.ixit.resources.view === undefined) return;
    const differences = await compareViews(this.#entered, this.viewTold);
    if (differences === undefined) return;
    const text = "at the end both ends have the same view of each connection: version, suite, exporter";
    this.check("RD 3.2", text, differences.length === 0, differences.join("; "));
  }

  /** What went over the path as a pcapng file with its secrets inside; undefined when the case used no path. */
  async capture(): Promise<Uint8Array | undefined> {
    const captured = await this.#paths.captured();
    for (const note of captured?.notes ?? []) this.#options.transcript.note(`visited network: ${note}`);
    return captured?.capture;
  }

  /** Ends every connection of this stage. */
  async close(): Promise<void> {
    await Promise.all(this.#sessions.map((session) => session.close()));
  }
}

/** @throws Inconclusive when TCP did not connect: that says nothing of TLS */
function reached(outcome: HandshakeOutcome): HandshakeOutcome {
  if (outcome.ok || outcome.tcpConnected) return outcome;
  throw new Inconclusive(`TCP did not connect: ${describeEnding(outcome.ending)}`);
}
