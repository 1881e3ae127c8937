/** A small TypeScript project whose last line invites a completion. */
export const cartProject = {
  'tsconfig.json': '{ "compilerOptions": { "strict": true } }\n',
  'cart.ts': `interface Item {
  name: string;
  price: number;
  quantity: number;
}

function totalPrice(items: Item[]): number {
  let total = 0;
  for (const item of items) {
    total += item.price * item.quantity;
  }
  return total;
}

function totalQuantity(items: Item[]): number {
  let total = 0;
  for (const item of items) {
`,
};

/** Names that no model has read, so that it does not write them by itself. */
export const vesselMembers = ['quarnbolt', 'zefflage', 'thrimbolAt'];

/** A project whose last line invites a member of a type that is in another file. */
export const vesselProject = {
  'tsconfig.json': '{ "compilerOptions": { "strict": true } }\n',
  'vessel.ts': `export interface Vessel {\n${vesselMembers.map((name) => `  ${name}: string;\n`).join('')}}\n`,
  'harbour.ts': `import type { Vessel } from './vessel';

export function nameOf(vessel: Vessel): string {
`,
};
