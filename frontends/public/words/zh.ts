// 公开页的词句（中文），也是英文词句的键。

const zh = {
  title: '公开核对',
  menuVerify: '核对摇号',
  menuDays: '每日摇号',
  menuLabel: '公开页面',

  // 核对
  verifyTitle: '核对一份摇号证明',
  verifyIntro: '任何人都可以核对一次摇号是否公平：概率是否提前公布，名单是否先封存，随机数是否由公证处和审计方共同产生，结果是否算得对。',
  verifyLocal: '核对全部在这台设备上完成，证明文件不会上传。',
  choose: '选择证明文件',
  dropHere: '也可以把文件拖到这里',
  paste: '或者粘贴证明的内容',
  pasteLabel: '证明的内容（JSON）',
  checkPasted: '核对粘贴的内容',
  another: '换一份证明',
  toDays: '查看每天的公开数据和中签率',
  checkedFile: '正在核对的文件：{name}',
  pastedName: '粘贴的内容',
  unreadFile: '这个文件打不开，请换一份。',
  tooLarge: '这个文件太大，不是摇号证明。',

  // 公钥
  keysTitle: '用的是谁的公钥',
  keysOfFile: '现在只用证明文件里写明的公钥。它们互相吻合，但要确认是公证处和审计方本人的，请用另外的来源对照。',
  keysFrom: '正在与另外的来源对照：{source}',
  keysFetch: '对照本站公布的公钥',
  keysChoose: '对照自己的公钥文件（keys.json）',
  keysNone: '这个站点没有公布公钥。',
  keysBad: '这不是公钥文件。',
  keysForget: '不再对照',

  // 本页程序
  scriptsTitle: '本页程序的指纹',
  scriptsIntro: '同一版本的程序在平台、公证处、审计方的网站上指纹应当一致；任何人都可以从源代码重新构建并对照。',
  scriptsShow: '计算本页程序的 SHA-256',
  scriptsFailed: '有程序文件读不到，请再试一次。',
  display: '显示设置',
}

export default zh
