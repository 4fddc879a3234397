// 券的金额明细词句（中文），也是英文词句的键。

const zh = {
  orderTitle: '这一笔订单',
  order: '订单金额',
  offers: '商家和平台优惠',
  net: '优惠后金额',
  discount: '立减金',
  paid: '您实付',
  redemption: '核销流水号',
  redemptionHint: '到店退货时，请把核销流水号给收银员看，或让收银员扫下面的二维码。',
  redemptionShow: '出示退货二维码',
  redemptionQr: '退货二维码，内容是上面的核销流水号',
  refundTitle: '第 {n} 次退款',
  quoteTitle: '退货试算',
  quoteHint: '输入要退的货值，看看退给您多少、退回专用资金多少。只是试算，退货请到门店办理。',
  goods: '退货金额（元）',
  goodsBad: '请输入金额，例如 100 或 100.50',
}

export default zh
