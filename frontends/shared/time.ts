// Time as the server sees it, written as it stands on a wall in Hubei.  时间
//
// A phone's clock may be wrong by minutes, so the page counts from the server's answer.

import { ref } from 'vue'

const SHANGHAI_AHEAD_MS = 8 * 3600 * 1000
const DAY_MS = 24 * 3600 * 1000

// A ref, so that whatever was shown before the first answer is shown again after it.
const aheadMs = ref(0)

/** The server just said that it is `at`; from now on the page follows its clock. */
export function followServerClock(at: string): void {
  aheadMs.value = Date.parse(at) - Date.now()
}

export function serverNowMs(): number {
  return Date.now() + aheadMs.value
}

function wall(ms: number): string {
  return new Date(ms + SHANGHAI_AHEAD_MS).toISOString()
}

/** "2026-02-06T10:42:17+08:00" -> "10:42" */
export function hourMinute(at: string): string {
  return wall(Date.parse(at)).slice(11, 16)
}

export function hourMinuteSecond(at: string): string {
  return wall(Date.parse(at)).slice(11, 19)
}

/** "2026-02-06 10:42" */
export function dayAndMinute(at: string): string {
  return wall(Date.parse(at)).slice(0, 16).replace('T', ' ')
}

export function dayText(at: string): string {
  return wall(Date.parse(at)).slice(0, 10)
}

/** Whether a moment lies on the day after this one. */
export function isTomorrow(at: string): boolean {
  return dayText(at) === wall(serverNowMs() + DAY_MS).slice(0, 10)
}

/** A half-open end at midnight is shown as people say it: the day before, 24:00. */
export function lastMoment(until: string): string {
  const ms = Date.parse(until)
  if (wall(ms).slice(11, 19) !== '00:00:00') return dayAndMinute(until)
  return `${wall(ms - DAY_MS).slice(0, 10)} 24:00`
}

/** Whole days a voucher still has, today included; 0 when it is over. */
export function daysLeft(until: string): number {
  return Math.max(0, Math.ceil((Date.parse(until) - startOfToday()) / DAY_MS))
}

function startOfToday(): number {
  return Date.parse(`${wall(serverNowMs()).slice(0, 10)}T00:00:00+08:00`)
}

/** The campaign day of this moment as YYYYMMDD. */
export function today(): number {
  return Number(wall(serverNowMs()).slice(0, 10).replace(/-/g, ''))
}

/** 20260206 -> "2026-02-06" */
export function dayFromNumber(day: number): string {
  const text = String(day)
  return `${text.slice(0, 4)}-${text.slice(4, 6)}-${text.slice(6)}`
}

/** "2026-02-06" -> 20260206 */
export function dayNumber(day: string): number {
  return Number(day.replace(/-/g, ''))
}

/** A distance in time as "01:02:03", or "02:03" below an hour. */
export function countdown(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000))
  const two = (value: number) => String(value).padStart(2, '0')
  const hours = Math.floor(seconds / 3600)
  const rest = `${two(Math.floor((seconds % 3600) / 60))}:${two(seconds % 60)}`
  return hours > 0 ? `${two(hours)}:${rest}` : rest
}

/** This moment in RFC 3339, as the doors want it. */
export function rightNow(): string {
  return wall(serverNowMs()).slice(0, 19) + '+08:00'
}

export function sleep(ms: number): Promise<void> {
  return new Promise((done) => setTimeout(done, ms))
}
