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
}

declare module "vitest" {
  interface ProvidedContext {
    readonly order: ShareOrder;
  }
}
