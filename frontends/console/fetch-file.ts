// Fetch a file with the session's pass and hand it to the person.  下载文件

import { expire, session } from './session'

const KEEP_MS = 10_000

/** Gives whether the file came; where it did not, nothing is saved. */
export async function fetchFile(path: string, name: string): Promise<boolean> {
  const headers = { Authorization: `Bearer ${session.value?.token ?? ''}` }
  const reply = await fetch(path, { headers, cache: 'no-store' }).catch(() => null)
  if (reply?.status === 401) expire()
  if (!reply?.ok) return false
  const address = URL.createObjectURL(await reply.blob())
  const link = document.createElement('a')
  link.href = address
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(address), KEEP_MS)
  return true
}
