// Shared words in English; the keys come from the Chinese.

import type zh from './zh'

const en: typeof zh = {
  skip: 'Skip to the main content',
  back: 'Back',
  close: 'Close',
  cancel: 'Cancel',
  retry: 'Try again',
  loading: 'Loading…',
  mainNav: 'Main navigation',
  busyNow: 'The system is busy; please try again shortly.',
  againIn: ' You can try again in {n} seconds.',
  nextTry: 'Busy; this page tries again by itself in {n} seconds. Please leave it open.',
  nextTryOffline: 'No network; this page tries again by itself in {n} seconds. Please leave it open.',
  offline: 'The network is not reachable. Check it and try again.',
  elder: 'Large text',
  typeSize: 'Text size',
  typeStandard: 'Standard',
  typeLarge: 'Large',
  typeExtra: 'Extra large',
  language: 'Language 语言',
  switchTo: '中文',
  switchLabel: '中文，切换到中文',
  errorSummary: 'Please correct {n} {n|thing|things}',
  locationDenied: 'Location was not allowed. Allow it in the browser\'s settings and try again.',
  locationFailed: 'Your location could not be found. Switch it on, go near a window, try again.',
  cameraDenied: 'The camera was not allowed. Type the 12 digits instead.',
  cameraNone: 'The camera could not be opened. Type the 12 digits instead.',
}

export default en
