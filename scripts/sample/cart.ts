/** Type at the end of this file: what Slipstream suggests appears in grey, Tab takes it. */

export interface Item {
  name: string;
  price: number;
  quantity: number;
}

export class Cart {
  private readonly items: Item[] = [];

  add(item: Item): void {
    this.items.push(item);
  }

  get total(): number {
    return this.items.reduce((sum, item) => sum + item.price * item.quantity, 0);
  }
}

const cart = new Cart();
cart.add({ name: 'apple', price: 0.5, quantity: 4 });
cart.add({ name: 'bread', price: 2.5, quantity: 1 });
console.log(cart.total);
