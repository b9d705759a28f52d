import type { HttpResponse } from "../../wire/http-message.ts";

/** How deep and how far a body is searched: it comes from the system under test. */
const MOST_DEPTH = 8;
const MOST_NODES = 2_000;

/** Where one of these values stands in a response, each as an IXIT writes it: `{ header: X-User }`, `{ json: /user }`. */
export function placesOf(response: HttpResponse, values: readonly string[]): readonly string[] {
  const headers = response.headers
    .filter(([, value]) => values.includes(value.trim()))
    .map(([name]) => `{ header: ${name} }`);
  const text = response.body.toString("utf8");
  return [...headers, ...pointersIn(text, values).map((pointer) => `{ json: ${pointer} }`)];
}

function pointersIn(text: string, values: readonly string[]): readonly string[] {
  const budget = { nodes: MOST_NODES };
  try {
    return search(JSON.parse(text), "", values, budget);
  } catch {
    return [];
  }
}

function search(
  value: unknown,
  pointer: string,
  wanted: readonly string[],
  budget: { nodes: number },
): readonly string[] {
  budget.nodes -= 1;
  if (budget.nodes < 0) return [];
  if (typeof value === "string") return wanted.includes(value) ? [pointer] : [];
  if (typeof value !== "object" || value === null || pointer.split("/").length > MOST_DEPTH) return [];
  return Object.entries(value).flatMap(([name, child]) =>
    search(child, `${pointer}/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`, wanted, budget),
  );
}
