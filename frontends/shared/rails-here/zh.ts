// 支付方式提示的词句（中文），也是英文词句的键。

const zh = {
  takes: '本店用券付款可用：{rails}',
  mine: '打算用哪种方式付款？',
  choose: '请选择',
  next: '最近一家可用{rail}的门店：',
  noNext: '附近没有可用{rail}的门店。',
  metres: '{n} 米',
  kilometres: '{n} 公里',
}

export default zh
