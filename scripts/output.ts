/** Results go to standard output, all else to standard error. */

/** A result, with a newline after it. */
export function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** The one document that `--json` promises. */
export function sayJson(document: object): void {
  say(JSON.stringify(document, null, 2));
}

/** A remark beside the result. */
export function remark(text: string): void {
  process.stderr.write(`${text}\n`);
}
