// 商户收款账户的词句（中文），也是英文词句的键。

const zh = {
  title: '商户收款账户',
  rule: '一人申请，另一人确认，两人中须有一位主管部门人员；确认之前，仍按原账户付款。',
  waiting: '待确认（{n}）',
  nothingWaits: '没有待确认的申请',
  answered: '已办结（{n}）',
  accountChange: '收款账户',
  firstAccount: '首个账户',
  askedBy: '{who} 于 {at} 申请',
  namedBy: '{who} 此前一人登记，须由两人确认',
  decidedBy: '{who} 于 {at} 办理',
  reason: '原因：{words}',
  open: '待确认',
  confirmed: '已确认',
  inForce: '使用中',
  refused: '未同意',
  withdrawn: '已撤回',

  number: '完整收款账号（按商户书面材料填写）',
  confirm: '确认账户',
  why: '不同意或撤回的原因',
  refuse: '不同意 / 撤回',
  confirmedNow: '账户已启用，之后的付款文件付到此账户。',
  oneMore: '已记录您的确认，还需另一人确认。',
  refusedNow: '未同意，仍按原账户付款。',
  withdrawnNow: '已撤回，仍按原账户付款。',

  ask: '申请收款账户',
  uscc: '统一社会信用代码',
  accountNo: '收款账号',
  accountName: '收款户名',
  bankName: '收款行名称',
  bankCode: '收款行联行号（12 位数字）',
  missing: '{name}：请填写',
  send: '提交申请',
  askedNow: '已提交，请另一人确认；确认之前仍按原账户付款。',
  alreadyInForce: '这个账户已在使用中。',

  changes: '{n} 家商户的收款账户与上次付款不同，请先核对：',
  firsts: '首次付款的商户（{n}）',
  asked: '{who} 申请（{at}）',
  confirmedBy: '{who} 确认（{at}）',
  ofBefore: '当时由一人登记',
  look: '先看账户变更（{n}）',
}

export default zh
