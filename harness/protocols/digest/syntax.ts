/** Lists of authentication parameters in HTTP headers (RFC 9110 11.2, 5.6), read from hostile peers in linear time. */

const MAX_OCTETS = 16 * 1024;
const MAX_PARAMETERS = 64;

/** A header of a peer that cannot be read as authentication parameters; the message says where and why. */
export class DigestSyntaxError extends Error {
  override readonly name = "DigestSyntaxError";
}

export interface ParameterValue {
  /** Without quotation marks and with escapes removed ("unq" of RFC 7616 3.3). */
  readonly value: string;
  /** Whether it was sent as quoted-string: RFC 7616 fixes this for most parameters. */
  readonly quoted: boolean;
}

/** Parameters by their name in lower case, unknown ones too, in the order of the message. */
export type DigestParameters = ReadonlyMap<string, ParameterValue>;

/** Refuses what would take too long to read. @throws DigestSyntaxError above 16 KiB in all. */
export function requireBounded(headerValues: readonly string[]): void {
  const length = headerValues.reduce((sum, value) => sum + value.length, 0);
  if (length > MAX_OCTETS) {
    throw new DigestSyntaxError(`the header has ${length} octets, at most ${MAX_OCTETS} are read`);
  }
}

/** Collects the parameters of one message, at most 64 for all challenges in it. */
export class ParameterBudget {
  #used = 0;

  /**
   * Adds a parameter under its name in lower case.
   * @throws DigestSyntaxError for the 65th parameter, and for a name that comes again with another value
   *   (RFC 9110 11.2: once per challenge); equal duplicates say nothing new and are tolerated.
   */
  add(parameters: Map<string, ParameterValue>, name: string, parameter: ParameterValue): void {
    this.#used += 1;
    if (this.#used > MAX_PARAMETERS) {
      throw new DigestSyntaxError(`the header has more than ${MAX_PARAMETERS} parameters`);
    }
    const key = name.toLowerCase();
    const earlier = parameters.get(key);
    if (earlier !== undefined && earlier.value !== parameter.value) {
      throw new DigestSyntaxError(`the parameter ${key} comes twice with different values`);
    }
    if (earlier === undefined) parameters.set(key, parameter);
  }
}

function isControl(code: number): boolean {
  return (code < 0x20 && code !== 0x09) || code === 0x7f;
}

/** Reads a header value from left to right; no pattern looks further ahead than one list element. */
export class Scanner {
  readonly #text: string;
  #position = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get atEnd(): boolean {
    return this.#position >= this.#text.length;
  }

  /** Skips optional white space and empty list elements; true when there was a comma, or the list begins here. */
  skipSeparators(): boolean {
    const begins = this.#position === 0;
    return this.#match(/[ \t,]*/y).includes(",") || begins;
  }

  /** A token (RFC 9110 5.6.2). @throws DigestSyntaxError when there is none. */
  token(what: string): string {
    const token = this.#match(/[!#$%&'*+\-.^_`|~0-9A-Za-z]+/y);
    if (token === "") throw this.error(`${what} expected`);
    return token;
  }

  /** Takes an equals sign with the white space around it (BWS, RFC 9110 11.2); false when there is none. */
  takeEquals(): boolean {
    return this.#match(/[ \t]*=[ \t]*/y) !== "";
  }

  /** A token68 that ends its list element (RFC 9110 11.2), as schemes other than Digest use it. */
  skipToken68(): void {
    this.#match(/[ \t]+[A-Za-z0-9\-._~+/]+=*(?=[ \t]*(?:,|$))/y);
  }

  /** A bare list element that is one of these words in lower case; undefined, and nothing is taken, otherwise. */
  takeElement(words: readonly string[]): string | undefined {
    const start = this.#position;
    const element = this.#match(/[ \t]*,[ \t]*[A-Za-z-]+(?=[ \t]*(?:,|$))/y)
      .replace(",", "")
      .trim();
    if (words.includes(element.toLowerCase())) return element;
    this.#position = start;
    return undefined;
  }

  /**
   * A quoted-string, or everything up to the next comma, white space, quotation mark or control character: fielded
   * peers leave values unquoted that are no tokens.
   * @throws DigestSyntaxError when the quoted-string does not end or holds control characters.
   */
  value(): ParameterValue {
    if (this.#text[this.#position] === '"') return { value: this.#quotedString(), quoted: true };
    return { value: this.#match(/[!#-+\--~\u0080-\uffff]*/y), quoted: false };
  }

  /** @throws DigestSyntaxError when something else than a comma or the end follows. */
  requireElementEnd(): void {
    this.#match(/[ \t]*/y);
    if (!this.atEnd && this.#text[this.#position] !== ",") throw this.error("a comma expected");
  }

  error(problem: string): DigestSyntaxError {
    const rest = JSON.stringify(this.#text.slice(this.#position, this.#position + 20));
    return new DigestSyntaxError(`${problem} at character ${this.#position + 1}, before ${rest}`);
  }

  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#position;
    const found = pattern.exec(this.#text)?.[0] ?? "";
    this.#position += found.length;
    return found;
  }

  #quotedString(): string {
    const pieces: string[] = [];
    let start = this.#position + 1;
    for (let at = start; at < this.#text.length; at++) {
      this.#requirePrintable(at);
      const character = this.#text[at];
      if (character === '"') {
        pieces.push(this.#text.slice(start, at));
        this.#position = at + 1;
        return pieces.join("");
      }
      if (character === "\\") {
        pieces.push(this.#text.slice(start, at));
        start = at + 1;
        // Whatever is escaped stands for itself, a quotation mark too.
        at += 1;
        this.#requirePrintable(at);
      }
    }
    throw this.error("a quoted string with its end expected");
  }

  #requirePrintable(at: number): void {
    if (isControl(this.#text.charCodeAt(at))) {
      throw this.error("a quoted string without control characters expected");
    }
  }
}

/**
 * One `name = value`, when the name has been read and the equals sign taken.
 * A server that forgets the quotation marks around a list of qop values is understood all the same.
 */
export function readParameter(scanner: Scanner, name: string): ParameterValue {
  const parameter = scanner.value();
  if (parameter.quoted || name.toLowerCase() !== "qop") return parameter;
  const values = [parameter.value];
  for (;;) {
    const next = scanner.takeElement(["auth", "auth-int"]);
    if (next === undefined) return { value: values.join(","), quoted: false };
    values.push(next);
  }
}
