/**
 * A text does not have the expected form. The message has the expected form, the text and the rule that it breaks: `not
 * an IPv4 prefix: "10.0.0.0/33": the length must be 0 to 32`.
 */
export class ParseError extends Error {
  override readonly name = 'ParseError';
  /** The expected form, such as `IPv4 prefix` or `MAC address`. */
  readonly expected: string;
  /** The text, unchanged. */
  readonly text: string;
  /** The rule that the text breaks, as a clause. */
  readonly reason: string;

  constructor(expected: string, text: string, reason: string) {
    const article = expected.startsWith('I') ? 'an' : 'a';
    super(`not ${article} ${expected}: ${JSON.stringify(text)}: ${reason}`);
    this.expected = expected;
    this.text = text;
    this.reason = reason;
  }
}
