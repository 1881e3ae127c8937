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
