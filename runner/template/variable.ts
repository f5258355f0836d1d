/** What `{{#let}}` binds: a box, so that `{{set}}` inside of the block can put another value into it. */
export class Variable {
  value: unknown;

  constructor(value: unknown) {
    this.value = value;
  }
}
