// Merkle trees of RFC 6962: roots, paths of leaves, and that a tree only grew.  默克尔树

import { join, same, sha256, type Bytes } from './bytes.ts'

const LEAF = Uint8Array.of(0)
const NODE = Uint8Array.of(1)

export const EMPTY_ROOT = sha256(new Uint8Array(0))

export function leafHash(item: Bytes): Bytes {
  return sha256(join(LEAF, item))
}

export function nodeHash(left: Bytes, right: Bytes): Bytes {
  return sha256(join(NODE, left, right))
}

/** The root over some items; the empty tree has one, too. */
export function rootOf(items: Bytes[]): Bytes {
  return items.length ? rootOfLeaves(items.map(leafHash)) : EMPTY_ROOT
}

// The split is at the largest power of two below the size, so pairs can be joined from the left.
function rootOfLeaves(level: Bytes[]): Bytes {
  while (level.length > 1) {
    const above: Bytes[] = []
    for (let at = 0; at + 1 < level.length; at += 2) {
      above.push(nodeHash(level[at]!, level[at + 1]!))
    }
    if (level.length % 2) above.push(level[level.length - 1]!)
    level = above
  }
  return level[0]!
}

/** The root that a leaf's path leads to, or null when the path does not fit the tree's size. */
export function rootByPath(leaf: Bytes, index: bigint, size: bigint, path: Bytes[]): Bytes | null {
  if (index < 0n || index >= size) return null
  let [here, last, hash] = [index, size - 1n, leaf]
  for (const beside of path) {
    if (last === 0n) return null
    if (here & 1n || here === last) {
      hash = nodeHash(beside, hash)
      // A node without a right neighbour rises until it has a left one.
      while (!(here & 1n) && here !== 0n) [here, last] = [here >> 1n, last >> 1n]
    } else {
      hash = nodeHash(hash, beside)
    }
    here >>= 1n
    last >>= 1n
  }
  return last === 0n ? hash : null
}

/** Whether the tree of `newSize` begins with the tree of `oldSize` (RFC 9162, 2.1.4.2). */
export function grewFrom(
  oldSize: bigint,
  oldRoot: Bytes,
  newSize: bigint,
  newRoot: Bytes,
  proof: Bytes[],
): boolean {
  if (oldSize === 0n) return same(oldRoot, EMPTY_ROOT) && proof.length === 0
  if (oldSize > newSize) return false
  if (oldSize === newSize) return proof.length === 0 && same(oldRoot, newRoot)
  let [here, last] = [oldSize - 1n, newSize - 1n]
  while (here & 1n) [here, last] = [here >> 1n, last >> 1n]
  const rest = here === 0n ? proof : proof.slice(1)
  const start = here === 0n ? oldRoot : proof[0]
  if (!start) return false
  let [old, now] = [start, start]
  for (const beside of rest) {
    if (last === 0n) return false
    if (here & 1n || here === last) {
      old = nodeHash(beside, old)
      now = nodeHash(beside, now)
      while (!(here & 1n) && here !== 0n) [here, last] = [here >> 1n, last >> 1n]
    } else {
      now = nodeHash(now, beside)
    }
    here >>= 1n
    last >>= 1n
  }
  return last === 0n && same(old, oldRoot) && same(now, newRoot)
}
