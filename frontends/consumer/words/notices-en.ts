// What is wrong and still is, in English; the keys come from the Chinese.

import type zh from './notices-zh'

const en: typeof zh = {
  title: 'What is being dealt with',
  since: 'since {at}',
  signer_away: 'The notary, the auditor or a witness does not answer for now, so outcomes come later. Your entry is valid and cannot be lost.',
  behind: 'The platform\'s records are being compared with the notary\'s and the auditor\'s; until that is done, no draws.',
  forked: 'The platform\'s records differ from what others keep; until that is understood, no draws.',
  two_seals: 'One lane of the draw has two seals; it is stopped until two people decide.',
  signers_disagree: 'Notary and auditor disagree about a round; its lane is stopped until two people decide.',
  key_lost: 'A signer\'s key is being replaced; until then outcomes come later.',
  other: 'Something about the draw is being dealt with; the public page tells more.',
  more: 'Public figures',
}

export default en
