/** What the main process tells a worker: plain data, since it crosses a thread. */
export interface ShareOrder {
  /** Name of the channel on which the worker posts its events. */
  readonly channel: string;
  readonly share: number;
  readonly profile: string;
  readonly fault: string | null;
  readonly seed: number;
  readonly strength: number;
  readonly repeat: number;
  /** Keys of the instances of this share. */
  readonly keys: readonly string[];
  /** Present: the worker tells Allure what it does. The cases that do not apply, shown as skipped, stand in one order. */
  readonly allure?: {
    readonly notApplicable: readonly { readonly id: string; readonly reason?: string }[];
  };
}

declare module "vitest" {
  interface ProvidedContext {
    readonly order: ShareOrder;
  }
}
