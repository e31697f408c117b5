/** A call that makes no sense, or cannot be served as it is: the message is one line, and says what would. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
}
