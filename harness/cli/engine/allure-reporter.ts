import { type Label, LabelName, Status, type TestResult } from "allure-js-commons";
import type { Category, EnvironmentInfo } from "allure-js-commons/sdk";
import AllureVitestReporter from "allure-vitest/reporter";
import type { TestModule } from "vitest/node";
import { NOT_APPLICABLE } from "./allure-instance.ts";

/** Groups of the report's page "Categories"; the messages are those that share.conformance throws. */
const CATEGORIES: readonly Category[] = [
  { name: "Not conformant: a must was broken", matchedStatuses: [Status.FAILED] },
  {
    name: "Inconclusive: the question could not be asked",
    matchedStatuses: [Status.BROKEN],
    messageRegex: "inconclusive: [\\s\\S]*",
  },
  {
    name: "Error of the test system, not of the system under test",
    matchedStatuses: [Status.BROKEN],
    messageRegex: "error: [\\s\\S]*",
  },
  {
    name: "Not run: the run ended before",
    matchedStatuses: [Status.BROKEN],
    messageRegex: "not run: [\\s\\S]*",
  },
  { name: "Not applicable: not claimed", matchedStatuses: [Status.SKIPPED] },
];

/** What allure-vitest says of files, threads and hosts: the machine of a run is no property of the system. */
const OF_THE_MACHINE: ReadonlySet<string> = new Set([LabelName.PACKAGE, LabelName.HOST, LabelName.THREAD]);
/** Vitest's groups, which say how cases are run and not what they are about. */
const OF_THE_ENGINE: ReadonlySet<string> = new Set(["side by side", "alone", "not applicable"]);

export interface AllureOptions {
  /** Where the results go; made when there is something to write. */
  readonly directory: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Called when results could not be written: the run and its other reports go on. */
  readonly onFailure: (message: string) => void;
}

/**
 * allure-vitest's reporter under our engine. It adds its set-up file and its runner to the projects by itself when
 * vitest has begun, so it needs no configuration file; what it would say of our one entry file is put right here.
 */
export class AllureReporter extends AllureVitestReporter {
  readonly #onFailure: (message: string) => void;

  constructor({ directory, environment, onFailure }: AllureOptions) {
    super({
      resultsDir: directory,
      environmentInfo: environment satisfies EnvironmentInfo,
      categories: CATEGORIES.map((category) => ({ ...category })),
      listeners: [{ beforeTestResultStop: tidy }],
    });
    this.#onFailure = onFailure;
  }

  override onInit(...args: Parameters<AllureVitestReporter["onInit"]>): void {
    this.#guarded(() => super.onInit(...args));
  }

  override onTestRunEnd(modules: readonly TestModule[]): void {
    this.#guarded(() => super.onTestRunEnd(modules));
  }

  #guarded(write: () => void): void {
    try {
      write();
    } catch (error) {
      this.#onFailure(error instanceof Error ? error.message : String(error));
    }
  }
}

/** Before the ids are computed: they shall be the same wherever the suite is installed. */
function tidy(result: TestResult): void {
  const id = result.labels.find(({ name }) => name === LabelName.SUB_SUITE)?.value ?? result.name ?? "";
  result.fullName = `seccf:${id}`;
  result.labels = result.labels.filter(isAboutTheCase);
  const titles = [LabelName.PARENT_SUITE, LabelName.SUITE, LabelName.SUB_SUITE];
  result.titlePath = titles.flatMap((title) => result.labels.find(({ name }) => name === title)?.value ?? []);
  const { status, message } = outcome(result);
  result.status = status;
  result.statusDetails = message === undefined ? {} : { message };
}

/** Our own verdict decides: allure guesses from words of the message, and the system may have chosen them. */
function outcome(result: TestResult): { readonly status: Status; readonly message?: string } {
  const last = result.steps.at(-1)?.name ?? "";
  const message = result.statusDetails.message ?? "";
  if (result.status === Status.PASSED) return { status: Status.PASSED };
  if (message.startsWith("fail: ")) return { status: Status.FAILED, message };
  if (message !== "") return { status: Status.BROKEN, message };
  if (last.startsWith(NOT_APPLICABLE)) return { status: Status.SKIPPED, message: last };
  // A gate that reads these results must not take for harmless what nobody asked.
  return { status: Status.BROKEN, message: "not run: the run ended before this case was done" };
}

function isAboutTheCase({ name, value }: Label): boolean {
  return !OF_THE_MACHINE.has(name) && !OF_THE_ENGINE.has(value);
}
