// Ask the phone where it is; in a demonstration, stand where the demonstration says.  定位

import type { Schema } from '../api'
import { forget, keepJson, recallJson } from '../keep'
import { s } from '../words'
import { rightNow } from '../time'

export type Place = Schema['Location']
export type Located = { ok: true; place: Place } | { ok: false; reason: string }

const LONGEST_WAIT_MS = 12_000
const DENIED = 'locationDenied'

/** A demonstration's place to stand: used instead of the phone's own until left again. */
export function standAt(demo: Schema['Demo']): void {
  const { lat, lng, accuracy_m, datum } = demo
  keepJson('demo-place', { lat, lng, accuracy_m, datum })
}

export function leaveDemoPlace(): void {
  forget('demo-place')
}

export function standsInDemoPlace(): boolean {
  return recallJson('demo-place') !== null
}

/** Where we are now. Browsers answer in WGS-84; every coordinate carries its datum. */
export async function locate(): Promise<Located> {
  const demo = recallJson<Pick<Place, 'lat' | 'lng' | 'accuracy_m' | 'datum'>>('demo-place')
  if (demo) return { ok: true, place: { ...demo, mocked: false, taken_at: rightNow() } }
  if (!navigator.geolocation) return { ok: false, reason: s('locationFailed') }
  return new Promise((done) => {
    navigator.geolocation.getCurrentPosition(
      (position) => done({ ok: true, place: fromBrowser(position) }),
      (error) => done({ ok: false, reason: s(error.code === 1 ? DENIED : 'locationFailed') }),
      { enableHighAccuracy: true, timeout: LONGEST_WAIT_MS, maximumAge: 0 },
    )
  })
}

function fromBrowser(position: GeolocationPosition): Place {
  const { latitude, longitude, accuracy } = position.coords
  return {
    lat: latitude,
    lng: longitude,
    accuracy_m: accuracy,
    datum: 'wgs84',
    mocked: false,
    taken_at: rightNow(),
  }
}
