/**
 * Messages as declared layouts, from which encoding and decoding both follow: the presentation language of RFC 8446 3.
 *
 *     const ticket = struct<{ readonly lifetime: number; readonly ticket: Buffer }>({ lifetime: uint(4), ticket: opaque(2) });
 *     decode(ticket, encode(ticket, { lifetime: 7200, ticket: octets }));
 *
 * Decoding takes linear time, copies nothing, and throws only TlsAlertError with decode_error; what it gives encodes to the
 * same octets again. Encoding throws RangeError for a value that does not fit: that is a mistake of ours.
 */
import { ALERT, TlsAlertError } from "../alert.ts";
import { OctetSink, OctetSource } from "./octets.ts";

type LengthOctets = 1 | 2 | 3;

/** How a value lies in octets. */
export interface Layout<T> {
  /** @throws RangeError when the value cannot lie so */
  put(value: T, sink: OctetSink): void;
  /** @throws TlsAlertError (decode_error) */
  take(source: OctetSource): T;
}

/** The value that a layout describes. */
export type ValueOf<L> = L extends Layout<infer T> ? T : never;

export function encode<T>(layout: Layout<T>, value: T): Buffer {
  const sink = new OctetSink();
  layout.put(value, sink);
  return sink.octets;
}

/** @throws TlsAlertError (decode_error) when the octets have another form, or when some are left */
export function decode<T>(layout: Layout<T>, octets: Uint8Array): T {
  const source = new OctetSource(octets);
  const value = layout.take(source);
  if (source.left > 0) throw new TlsAlertError(ALERT.decodeError, `${source.left} octets are left over`);
  return value;
}

export const uint = (octets: 1 | 2 | 3 | 4): Layout<number> => ({
  put: (value, sink) => sink.putNumber(octets, value),
  take: (source) => source.number(octets),
});

/** Exactly `count` octets. */
export const fixed = (count: number): Layout<Buffer> => ({
  put(value, sink) {
    if (value.length !== count) throw new RangeError(`${value.length} octets instead of ${count}`);
    sink.put(value);
  },
  take: (source) => source.take(count),
});

/** `opaque name<0..2^(8*length)-1>`. */
export const opaque = (length: LengthOctets): Layout<Buffer> => ({
  put(value, sink) {
    sink.putNumber(length, value.length);
    sink.put(value);
  },
  take: (source) => source.take(source.number(length)),
});

/** All octets that are left. */
export const rest: Layout<Buffer> = {
  put: (value, sink) => sink.put(value),
  take: (source) => source.take(source.left),
};

/** Items one behind the other, with the number of their octets before them. */
export const list = <T>(length: LengthOctets, item: Layout<T>): Layout<readonly T[]> => ({
  put(values, sink) {
    const inner = new OctetSink();
    for (const value of values) item.put(value, inner);
    opaque(length).put(inner.octets, sink);
  },
  take(source) {
    const inner = new OctetSource(opaque(length).take(source));
    const values: T[] = [];
    while (inner.left > 0) values.push(item.take(inner));
    return values;
  },
});

/** A field that may be left out at the end of a message. */
export const optional = <T>(layout: Layout<T>): Layout<T | undefined> => ({
  put(value, sink) {
    if (value !== undefined) layout.put(value, sink);
  },
  take: (source) => (source.left === 0 ? undefined : layout.take(source)),
});

/** Fields in the order in which they are named. */
export function struct<T extends object>(fields: { readonly [K in keyof T]: Layout<T[K]> }): Layout<T> {
  // Object.keys gives the keys as strings; those of `fields` are those of T.
  const names = Object.keys(fields) as (keyof T)[];
  return {
    put(value, sink) {
      for (const name of names) fields[name].put(value[name], sink);
    },
    take(source) {
      const value: Partial<T> = {};
      for (const name of names) value[name] = fields[name].take(source);
      // Every field was just taken.
      return value as T;
    },
  };
}
