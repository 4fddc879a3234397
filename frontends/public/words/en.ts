// The public pages in English; the keys come from the Chinese.

import type zh from './zh'

const en: typeof zh = {
  title: 'Public check',
  menuVerify: 'Check a draw',
  menuDays: 'Day by day',
  menuLabel: 'Public pages',

  // Checking
  verifyTitle: 'Check the proof of a draw',
  verifyIntro: 'Anyone can check that a draw was fair: that chances were published before, that the list was sealed first, that notary and auditor made the random number together, and that the outcome was computed rightly.',
  verifyLocal: 'Everything is checked on this device; the proof file is not uploaded.',
  choose: 'Choose a proof file',
  dropHere: 'or drop the file here',
  paste: 'Or paste the text of a proof',
  pasteLabel: 'Text of the proof (JSON)',
  checkPasted: 'Check what was pasted',
  another: 'Another proof',
  toDays: 'Public figures and win rates of each day',
  checkedFile: 'File: {name}',
  pastedName: 'pasted text',
  unreadFile: 'This file cannot be opened; please choose another.',
  tooLarge: 'This file is too large for the proof of a draw.',

  // Keys
  keysTitle: 'Whose keys were used',
  keysOfFile: 'Only the keys that stand in the proof file. They fit together; to know that they are the notary\'s and the auditor\'s own, compare them with another source.',
  keysFrom: 'Compared with another source: {source}',
  keysFetch: 'Compare with the keys of this site',
  keysChoose: 'Compare with a keys.json of your own',
  keysNone: 'This site publishes no keys.',
  keysBad: 'This is no file of keys.',
  keysForget: 'Compare no longer',

  // This page's program
  scriptsTitle: 'Fingerprints of this page\'s program',
  scriptsIntro: 'The same version has the same fingerprints on the sites of the platform, the notary and the auditor; anyone can build it again from its source and compare.',
  scriptsShow: 'Compute the SHA-256 of this page\'s program',
  scriptsFailed: 'A file of the program could not be read; please try again.',
  display: 'Display',
}

export default en
