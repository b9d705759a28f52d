import type { CaseDescriptor } from "./case.ts";
import { type Instance, instanceKey } from "./parameters.ts";

/**
 * The case that shows plain access over the same way in: what explains that an instance could not be judged. It is
 * the key of one instance where version and suite are all that tells its instances apart, else the id. A case is
 * not its own root cause.
 */
export function rootCause(
  instance: Instance,
  cases: ReadonlyMap<string, CaseDescriptor>,
): { readonly rootCause?: string } {
  const { dependsOn, id } = instance.case;
  if (dependsOn === undefined || dependsOn === id) return {};
  const root = cases.get(dependsOn);
  const names: readonly string[] = root === undefined ? [] : root.parameters;
  const alike = names.every((name) => name === "tls" || name === "suite") && root?.variants === undefined;
  const values = names.map((name) => [name, instance.parameters[name] ?? ""] as const);
  if (!alike || values.some(([, value]) => value === "")) return { rootCause: dependsOn };
  return { rootCause: instanceKey(dependsOn, Object.fromEntries(values)) };
}
