// The life of the code on the screen: minted, renewed before it dies, stopped when used.  券码
//     minting -> shown -> (renewed) -> shown ... -> locked -> redeemed
//                   \-> hidden (the page went to the background) -> minting
//                    \-> trouble

import { computed, ref } from 'vue'
import { announce } from '../shared/announce'
import type { Schema } from '../shared/api'
import { ask, MOST_TRIES, sayNextTry, type Problem } from '../shared/ask'
import { newKey } from '../shared/keys'
import { serverNowMs } from '../shared/time'
import { api, session } from './session'
import { t } from './words/more'

type Stage = 'minting' | 'shown' | 'hidden' | 'locked' | 'redeemed' | 'trouble'

const RENEW_BEFORE_END_S = 4
const LOOK_EVERY_S = 2

/** Keep a fresh code for one voucher; `stop` when the screen is left. */
export function keepCode(serial: string) {
  const stage = ref<Stage>(session.value ? 'minting' : 'trouble')
  const code = ref<Schema['Code'] | null>(null)
  const story = ref<Schema['VoucherStory'] | null>(null)
  const problem = ref<Problem | null>(null)
  const leftS = ref(0)
  let seconds = 0

  async function mint(): Promise<void> {
    stage.value = 'minting'
    const body = { request_key: newKey() }
    const params = { path: { serial } }
    const answer = await ask(
      () => api.POST('/api/v1/vouchers/{serial}/codes', { params, body }),
      MOST_TRIES,
      (why, ms) => {
        problem.value = why
        sayNextTry(why, ms)
      },
    )
    problem.value = answer.ok ? null : answer.problem
    if (!answer.ok) {
      await look()
      if (stage.value === 'minting') stage.value = 'trouble'
      return
    }
    code.value = answer.data
    stage.value = 'shown'
    countDown()
    announce(t('codeReady'))
  }

  async function look(): Promise<void> {
    const params = { path: { serial } }
    const answer = await ask(() => api.GET('/api/v1/vouchers/{serial}', { params }), 1)
    if (!answer.ok) return
    story.value = answer.data
    follow(answer.data.state)
  }

  function follow(state: Schema['Voucher']['state']): void {
    if (state === 'redeemed' && stage.value !== 'redeemed') {
      stage.value = 'redeemed'
      announce(t('redeemed'))
    } else if (state === 'locked' && stage.value !== 'locked') {
      stage.value = 'locked'
      announce(t('lockedNow'))
    } else if (state === 'held' && stage.value === 'locked') {
      void mint()
    }
  }

  function countDown(): void {
    if (!code.value) return
    const endMs = Date.parse(code.value.expires_at) - RENEW_BEFORE_END_S * 1000
    leftS.value = Math.max(0, Math.ceil((endMs - serverNowMs()) / 1000))
  }

  function everySecond(): void {
    if (document.hidden || stage.value === 'redeemed' || stage.value === 'trouble') return
    seconds += 1
    if (seconds % LOOK_EVERY_S === 0) void look()
    if (stage.value !== 'shown') return
    countDown()
    if (leftS.value === 0) void mint()
  }

  // A code on a page nobody looks at is a code for whoever finds the phone.
  function onVisibility(): void {
    if (document.hidden && stage.value === 'shown') {
      stage.value = 'hidden'
      code.value = null
    } else if (!document.hidden && stage.value === 'hidden') {
      void mint()
    }
  }

  const timer = window.setInterval(everySecond, 1000)
  document.addEventListener('visibilitychange', onVisibility)
  if (session.value) {
    void look()
    void mint()
  }

  const share = computed(() => {
    const whole = (code.value?.valid_s ?? 30) - RENEW_BEFORE_END_S
    return Math.min(1, leftS.value / whole)
  })

  function stop(): void {
    clearInterval(timer)
    document.removeEventListener('visibilitychange', onVisibility)
  }

  return { stage, code, story, problem, leftS, share, mint, stop }
}
