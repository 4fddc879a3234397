// Many screens ask for the same; while one question waits, the others wait with it.  同一问题只问一次

export function onlyOnce(load: () => Promise<void>): () => Promise<void> {
  let underWay: Promise<void> | null = null
  return () => {
    underWay = underWay ?? load().then(() => {
      underWay = null
    })
    return underWay
  }
}
