// Read a QR code with the camera: the browser's own reader, or jsQR when it has none.  扫码

import { s } from '../words'

type Reader = (video: HTMLVideoElement) => Promise<string | null>

export interface Scan {
  stop: () => void
}

interface Detector {
  detect: (source: HTMLVideoElement) => Promise<Array<{ rawValue: string }>>
}
interface DetectorClass {
  new (options: { formats: string[] }): Detector
  getSupportedFormats: () => Promise<string[]>
}

const LOOK_EVERY_MS = 180

/** Show the camera in `video` and call `found` with the first text read. */
export async function startScan(
  video: HTMLVideoElement,
  found: (text: string) => void,
  failed: (reason: string) => void,
): Promise<Scan> {
  let stream: MediaStream | null = null
  let running = true
  const stop = () => {
    running = false
    stream?.getTracks().forEach((track) => track.stop())
  }
  try {
    stream = await navigator.mediaDevices.getUserMedia({
      audio: false,
      video: { facingMode: 'environment', width: { ideal: 1280 } },
    })
  } catch (error) {
    failed(s((error as Error).name === 'NotAllowedError' ? 'cameraDenied' : 'cameraNone'))
    return { stop }
  }
  video.srcObject = stream
  await video.play().catch(() => undefined)
  const read = await chooseReader()
  const look = async () => {
    if (!running) return
    const text = video.readyState >= 2 ? await read(video).catch(() => null) : null
    if (text && running) {
      stop()
      found(text)
    } else {
      setTimeout(look, LOOK_EVERY_MS)
    }
  }
  void look()
  return { stop }
}

// Some browsers have a BarcodeDetector that knows no formats; asking is the only way to tell.
async function chooseReader(): Promise<Reader> {
  const Native = (window as unknown as { BarcodeDetector?: DetectorClass }).BarcodeDetector
  const formats = Native ? await Native.getSupportedFormats().catch(() => []) : []
  if (Native && formats.indexOf('qr_code') >= 0) {
    const detector = new Native({ formats: ['qr_code'] })
    return async (video) => (await detector.detect(video))[0]?.rawValue ?? null
  }
  const { default: jsQR } = await import('jsqr')
  const canvas = document.createElement('canvas')
  return async (video) => {
    canvas.width = video.videoWidth
    canvas.height = video.videoHeight
    const paper = canvas.getContext('2d')
    if (!paper || !canvas.width) return null
    paper.drawImage(video, 0, 0)
    const image = paper.getImageData(0, 0, canvas.width, canvas.height)
    return jsQR(image.data, image.width, image.height)?.data ?? null
  }
}

/** "HQ1:482177301954" or "4821 7730 1954" -> "482177301954"; null when it is no voucher code. */
export function voucherDigits(text: string): string | null {
  const plain = text.replace(/^HQ1:/, '').replace(/\s/g, '')
  return /^\d{12}$/.test(plain) ? plain : null
}

/** "482177301954" -> "4821 7730 1954" */
export function inFours(digits: string): string {
  return digits.replace(/(\d{4})(?=\d)/g, '$1 ')
}
