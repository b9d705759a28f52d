import pc from "picocolors";

/**
 * Whether what the tool prints is coloured: NO_COLOR forbids it, FORCE_COLOR asks for it, and otherwise a terminal
 * decides. The CI variable, which picocolors itself takes for a terminal, does not: the log of a pipeline is a file
 * in which somebody searches for words.
 */
export function wantsColours(environment: NodeJS.ProcessEnv, terminal: boolean): boolean {
  if ((environment["NO_COLOR"] ?? "") !== "") return false;
  const forced = environment["FORCE_COLOR"];
  if (forced !== undefined) return forced !== "0" && forced !== "false";
  return terminal && environment["TERM"] !== "dumb";
}

/** The colours of everything that goes to standard output. */
export const colours = pc.createColors(wantsColours(process.env, process.stdout.isTTY === true));
