// Says what the till takes each text for, scanned and typed.  核销流水号

import { redemptionNumber, scannedNumber } from '../../frontends/merchant/redemption-number.ts'

const texts = JSON.parse(process.argv[2])
const told = texts.map((text) => ({ scanned: scannedNumber(text), typed: redemptionNumber(text) }))

process.stdout.write(JSON.stringify(told))
