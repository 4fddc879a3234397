// On a phone the rows of a table become cards, whose lines carry the heads of their columns.  窄屏表格
//
// The style sheet lays the cards out; here each cell learns its head. Laid out as cards a table
// would lose its meaning to a screen reader, so each part says what it is.

import type { Directive } from 'vue'

function tell(table: HTMLTableElement): void {
  const heads = Array.from(table.tHead?.rows[0]?.cells ?? [])
  table.setAttribute('role', 'table')
  for (const part of [table.tHead, ...table.tBodies, table.tFoot]) {
    part?.setAttribute('role', 'rowgroup')
    for (const row of part?.rows ?? []) {
      row.setAttribute('role', 'row')
      tellCells(row, heads)
    }
  }
}

function tellCells(row: HTMLTableRowElement, heads: HTMLTableCellElement[]): void {
  const isHead = row.parentElement?.tagName === 'THEAD'
  let column = 0
  for (const cell of row.cells) {
    const role = isHead ? 'columnheader' : cell.tagName === 'TH' ? 'rowheader' : 'cell'
    cell.setAttribute('role', role)
    const head = cell.colSpan > 1 ? undefined : heads[column]
    column += cell.colSpan
    if (!isHead) cell.dataset['label'] = head?.textContent?.trim() ?? ''
  }
}

/** `v-cards` on a table: rows as cards where the screen is narrow. */
export const vCards: Directive<HTMLTableElement> = { mounted: tell, updated: tell }
