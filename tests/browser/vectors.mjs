// Reads vectors/*.json with the browser's code; prints what was compared, or throws.  测试向量

import fs from 'node:fs'
import { bigEndian, fromHex, H, join, numberOf, same, toHex } from '../../frontends/shared/verify/bytes.ts'
import { readCheckpoint } from '../../frontends/shared/verify/checkpoint.ts'
import { readConfig } from '../../frontends/shared/verify/config.ts'
import { checkDealing, laneOfUnits } from '../../frontends/shared/verify/dealing.ts'
import * as drawing from '../../frontends/shared/verify/drawing.ts'
import { checkLeads, checkSide, firstLink, readDeclared } from '../../frontends/shared/verify/epoch.ts'
import { readEntry, readFinal, readSeal } from '../../frontends/shared/verify/layouts.ts'
import { checkAll, PROOF_FORMAT } from '../../frontends/shared/verify/proof.ts'
import * as receipts from '../../frontends/shared/verify/receipts.ts'
import { alphaOf, signed, vrfVerify } from '../../frontends/shared/verify/signatures.ts'
import * as trees from '../../frontends/shared/verify/trees.ts'

const counted = {}

function holds(what, right) {
  if (!right) throw new Error(what)
  counted[what] = (counted[what] ?? 0) + 1
}

function read(name) {
  return JSON.parse(fs.readFileSync(new URL(`../../vectors/${name}.json`, import.meta.url), 'utf8'))
}

function faultOf(work) {
  try {
    work()
    return null
  } catch (wrong) {
    if (wrong.fault) return wrong.fault
    throw wrong
  }
}

function rfc9381() {
  for (const one of read('rfc9381').examples) {
    const [key, alpha, pi] = [one.key, one.alpha, one.pi].map((hex) => fromHex(hex))
    holds('RFC 9381 example', toHex(vrfVerify(key, alpha, pi)) === one.beta)
    pi[40] ^= 1
    holds('RFC 9381 example refused with another bit', vrfVerify(key, alpha, pi) === null)
  }
}

function tablesOf(day) {
  const tables = {}
  for (const [pack, rows] of Object.entries(day)) {
    tables[pack] = rows.map(([bound, tier]) => ({ bound: bigEndian(BigInt(bound), 8), tier }))
  }
  return tables
}

function draws() {
  const { tables, rounds, names } = read('draws')
  for (const round of rounds) {
    const seal = readSeal(fromHex(round.seal))
    holds('seal hash', toHex(drawing.sealHash(seal.raw)) === round.seal_hash)
    const betas = [fromHex(round.beta_notary), fromHex(round.beta_auditor)]
    const seed = drawing.seedOf(fromHex(round.seal_hash), ...betas)
    holds('seed', toHex(seed) === round.seed)
    const entries = round.entries.map((one) => readEntry(fromHex(one.entry)))
    const drawn = drawing.drawRound(seed, entries, tablesOf(tables), seal.leftBefore)
    round.entries.forEach((one, at) => {
      const { ticket, tier, kept } = drawn[at]
      holds('ticket', numberOf(ticket).toString() === one.ticket)
      holds('outcome', tier === one.tier && kept === one.kept)
      const rank = drawing.rankOf(seed, entries[at].raw.slice(7, 15), entries[at].pid)
      holds('rank', toHex(rank) === one.rank)
    })
    const sums = drawing.tallies(drawn, seal.leftBefore.length)
    const final = readFinal(fromHex(round.final), seal.leftBefore.length)
    for (const part of ['kept', 'cut', 'lastKept']) {
      holds('final', String(sums[part]) === String(final[part]))
    }
  }
  holds('campaign key', toHex(H('kcamp', fromHex(names.campaign_key))) === names.campaign_key_commitment)
  const lane = numberOf(H('lane', fromHex(names.epoch_start), fromHex(names.pid)).slice(0, 8))
  holds('lane', lane % BigInt(names.lanes) === BigInt(names.lane))
  holds('elig', toHex(H('elig', fromHex(names.salt), fromHex(names.decision))) === names.elig)
}

function proofs() {
  const { vrf, trees: examples } = read('proofs')
  for (const one of vrf) {
    const alpha = alphaOf(one.role, fromHex(one.seal_hash))
    holds('alpha', toHex(alpha) === one.alpha)
    holds('proof', toHex(vrfVerify(fromHex(one.key), alpha, fromHex(one.pi))) === one.beta)
  }
  for (const tree of examples) {
    const leaves = tree.leaves.map((leaf) => fromHex(leaf))
    const [root, size] = [fromHex(tree.root), BigInt(tree.size)]
    holds('root', same(trees.rootOf(leaves), root))
    tree.paths.forEach((path, at) => {
      const hashes = path.map((hash) => fromHex(hash))
      const led = trees.rootByPath(trees.leafHash(leaves[at]), BigInt(at), size, hashes)
      holds('path', led !== null && same(led, root))
    })
    for (const { old_size, old_root, proof } of tree.grown_from) {
      const hashes = proof.map((hash) => fromHex(hash))
      const old = fromHex(old_root)
      holds('growth', trees.grewFrom(BigInt(old_size), old, size, root, hashes))
      if (hashes.length) hashes[0] = trees.EMPTY_ROOT
      const refused = !hashes.length || !trees.grewFrom(BigInt(old_size), old, size, root, hashes)
      holds('growth refused with another hash', refused)
    }
  }
}

function splits() {
  const given = read('splits')
  for (const one of given.lane_of_unit) {
    const laneOf = laneOfUnits(fromHex(given.root), given.day, one.tier, given.lanes)
    holds('lane of a unit', laneOf(one.unit) === one.lane)
  }
}

function allReceipts() {
  const given = read('receipts')
  const config = readConfig(given.config)
  holds('config hash', toHex(config.hash) === given.cfg_hash)
  for (const receipt of [given.entry_receipt, ...(given.entry_receipts ?? [])]) {
    const plain = receipt.receipt ?? receipt
    if ('size' in plain) receipts.checkEntryReceipt(plain, config.keys.platform)
    holds('entry receipt', true)
  }
  for (const { receipt, wrong, name } of given.outcome_receipts) {
    const said = faultOf(() => {
      const one = receipts.readOutcomeReceipt(receipt)
      const day = receipts.checkSealed(one, config)
      const notary = receipts.checkSigner(one, config, 'N')
      const auditor = receipts.checkSigner(one, config, 'W')
      receipts.checkOutcome(one, day.tables, config.tiers, { notary, auditor })
      receipts.checkLog(one, config)
    })
    if (said !== wrong) throw new Error(`${name}: ${said} instead of ${wrong}`)
    holds('outcome receipt', true)
  }
}

function lanesOf(rows) {
  const lanes = {}
  for (const row of rows) (lanes[row.lane] ??= []).push(row)
  return lanes
}

// One lane of an exported day, round by round: links, list, stock, proofs, and the draw itself.
function lane(rows, raw, config, hex) {
  const tiers = config.tiers.length
  let [prev, idx, slot, left] = [new Uint8Array(32), 0n, -1, new Array(tiers).fill(0)]
  for (const row of rows) {
    const seal = readSeal(fromHex(row.seal))
    const final = readFinal(fromHex(row.final), tiers)
    holds('link', same(seal.prev, prev) && seal.firstIdx === idx && same(seal.cfgHash, config.hash))
    for (const one of config.days[hex.day].topUps) {
      if (one.lane === seal.lane && one.slot > slot && one.slot <= seal.slot) {
        left[one.tier - 1] += one.units
      }
    }
    holds('left before', String(left) === String(seal.leftBefore))
    const from = Number(idx) * 80
    const list = Array.from({ length: seal.count }, (_, at) => raw.slice(from + 80 * at, from + 80 * at + 80))
    holds('list', same(trees.rootOf(list), seal.root))
    const hash = drawing.sealHash(seal.raw)
    const betas = [['N', 'notary', final.notaryProof], ['W', 'auditor', final.auditorProof]].map(
      ([role, party, pi]) => vrfVerify(config.keys[party], alphaOf(role, hash), pi),
    )
    holds('both proofs', betas.every(Boolean) && same(drawing.seedOf(hash, ...betas), final.seed))
    const drawn = drawing.drawRound(final.seed, list.map(readEntry), config.days[hex.day].tables, left)
    const sums = drawing.tallies(drawn, tiers)
    holds('drawn again', ['kept', 'cut', 'lastKept'].every((part) => String(sums[part]) === String(final[part])))
    drawn.forEach((one, at) => {
      if (one.kept) hex.kept.push({ lane: row.lane, idx: Number(idx) + at, tier: one.tier })
    })
    left = left.map((had, at) => had - final.kept[at])
    ;[prev, idx, slot] = [hash, idx + BigInt(seal.count), seal.slot]
  }
}

function chains() {
  const { day, text_files: texts, hex_files: hexes } = read('chains')
  const config = readConfig(texts['config.json'])
  const manifest = JSON.parse(texts['manifest.json'])
  for (const party of ['platform', 'approver']) {
    const signature = fromHex(manifest.configs[0][party])
    holds('config signature', signed(config.keys[party], `config/${party}`, config.hash, signature))
  }
  config.tiers.forEach((_, at) => checkDealing(config, day, at + 1))
  const rows = texts['rounds.ndjson'].trim().split('\n').map((line) => JSON.parse(line))
  const found = { day: String(day), kept: [] }
  for (const [number, own] of Object.entries(lanesOf(rows))) {
    lane(own, fromHex(hexes[`entries/${number}.bin`]), config, found)
  }
  const kept = texts['kept.ndjson'].trim().split('\n').map((line) => JSON.parse(line))
  const plain = ({ lane: at, idx, tier }) => `${at}/${idx}/${tier}`
  holds('kept wins', found.kept.map(plain).join() === kept.map(plain).join())
  const byPlace = Object.fromEntries(rows.map((row) => [[row.lane, row.seq], row]))
  const leaves = manifest.log.leaves.map((place) => {
    const row = byPlace[place]
    return join(fromHex(row.seal), fromHex(row.final))
  })
  for (const note of texts['checkpoints.txt'].split(/\n\n(?!—)/)) {
    const { size, root } = readCheckpoint(note.trimEnd() + '\n', config)
    holds('checkpoint', same(trees.rootOf(leaves.slice(0, Number(size))), root))
  }
}

// A change of keys: what three signed, where each lane goes on, and both sides of it.
function epochs() {
  const given = read('epochs')
  const declared = readDeclared(given.epoch)
  holds('declaration', toHex(declared.hash) === given.declaration_hash)
  const names = ['platform', 'survivor', 'successor']
  const signatures = names.map((name) => fromHex(given.epoch[name]))
  const leaf = join(Uint8Array.of(2), declared.hash, ...signatures)
  holds('declaration in the log', toHex(leaf) === given.leaf)
  holds('its leaf', toHex(trees.leafHash(leaf)) === given.leaf_hash)
  given.first_links.forEach((link, at) => holds('first link', toHex(firstLink(declared, at)) === link))
  for (const name of names) {
    const other = { ...given.epoch, [name]: given.epoch[name === 'platform' ? 'survivor' : 'platform'] }
    holds('declaration refused', faultOf(() => readDeclared(other)) === 'bad_signature')
  }
  const texts = given.text_files
  const manifest = JSON.parse(texts['manifest.json'])
  const configs = manifest.configs.map(({ file }) => readConfig(texts[file]))
  for (const config of configs) checkLeads(declared, config)
  const rows = texts['rounds.ndjson'].trim().split('\n').map((line) => JSON.parse(line))
  for (const row of rows) {
    const seal = readSeal(fromHex(row.seal))
    const config = configs.find((each) => same(each.hash, seal.cfgHash))
    checkSide(declared, seal)
    holds('side of the change', seal.epoch === config.epoch)
    const wrong = { ...seal, epoch: 1 - seal.epoch }
    const fault = seal.epoch === 1 ? 'old_key_used' : 'chain_broken'
    holds('other side refused', faultOf(() => checkSide(declared, wrong)) === fault)
    const final = readFinal(fromHex(row.final), config.tiers.length)
    for (const [role, party, pi] of [['N', 'notary', final.notaryProof], ['W', 'auditor', final.auditorProof]]) {
      const alpha = alphaOf(role, drawing.sealHash(seal.raw))
      holds('proof under the key of its epoch', vrfVerify(config.keys[party], alpha, pi) !== null)
    }
  }
  for (const note of texts['checkpoints.txt'].split(/\n\n(?!—)/)) {
    const { witnesses } = readCheckpoint(note.trimEnd() + '\n', configs[0], declared)
    holds('checkpoint across the change', witnesses.length === 2)
  }
}

// Receipts with one thing changed: none may pass, and the honest ones beside them must.
function tampered() {
  const given = read('tampered')
  const say = (receipt) => {
    const configs = [{ text: given.config, ...given.signatures }]
    const file = { format: PROOF_FORMAT, configs, entry_receipt: null, outcome_receipt: receipt }
    return checkAll(JSON.stringify(file), { keys: given.keys })
  }
  for (const receipt of given.honest) {
    const { lines } = say(receipt)
    const missing = lines.filter((line) => line.state !== 'right').map((line) => line.step)
    // Without an entry receipt nobody knows whether the entry is one's own.
    holds('honest receipt', missing.join() === 'receipt,mine')
  }
  for (const { name, receipt } of given.tampered) {
    if (say(receipt).state !== 'wrong') throw new Error(`${name} passes`)
    holds('tampered receipt refused', true)
  }
}

for (const work of [rfc9381, draws, proofs, splits, allReceipts, chains, epochs, tampered]) work()
console.log(JSON.stringify(counted))
