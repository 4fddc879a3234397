// Reads what a person chose or dropped; nothing leaves the device.  读取文件

/** The text of a file; rejects when it cannot be read. */
export function textOf(file: File): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader()
    reader.onload = () => resolve(String(reader.result))
    reader.onerror = () => reject(new Error('unreadable'))
    reader.readAsText(file)
  })
}
