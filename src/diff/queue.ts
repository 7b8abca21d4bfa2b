/** A binary heap of (priority, id). */
export class Queue {
  private readonly items: (readonly [string, number])[] = []
  constructor(items: readonly (readonly [string, number])[]) {
    for (const item of items) this.push(item)
  }

  push(item: readonly [string, number]): void {
    let i = this.items.push(item) - 1
    while (i > 0) {
      const up = (i - 1) >> 1
      if (!this.less(i, up)) break
      this.swap(i, up)
      i = up
    }
  }

  pop(): number | undefined {
    const [top] = this.items
    const last = this.items.pop()
    if (top === undefined || last === undefined) return undefined
    if (this.items.length > 0) {
      this.items[0] = last
      for (let i = 0; ; ) {
        const [left, right] = [2 * i + 1, 2 * i + 2]
        let least = i
        if (left < this.items.length && this.less(left, least)) least = left
        if (right < this.items.length && this.less(right, least)) least = right
        if (least === i) break
        this.swap(i, least)
        i = least
      }
    }
    return top[1]
  }

  private less(a: number, b: number): boolean {
    return (this.items[a]?.[0] ?? '') < (this.items[b]?.[0] ?? '')
  }

  private swap(a: number, b: number): void {
    const [x, y] = [this.items[a], this.items[b]]
    if (x && y) [this.items[a], this.items[b]] = [y, x]
  }
}
