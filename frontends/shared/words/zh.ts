// 公用词句（中文），也是英文词句的键。

const zh = {
  skip: '跳到主要内容',
  back: '返回',
  close: '关闭',
  cancel: '取消',
  retry: '再试一次',
  loading: '正在读取…',
  mainNav: '主导航',
  busyNow: '系统繁忙，请稍后再试。',
  againIn: '请 {n} 秒后再试。',
  nextTry: '现在较忙，{n} 秒后自动再试，请不要关闭页面。',
  nextTryOffline: '网络不通，{n} 秒后自动再试，请不要关闭页面。',
  offline: '网络不通，请检查网络后再试。',
  elder: '长辈版',
  typeSize: '字号',
  typeStandard: '标准',
  typeLarge: '大',
  typeExtra: '特大',
  language: '语言 Language',
  switchTo: 'EN',
  switchLabel: 'EN, switch to English',
  errorSummary: '还有 {n} 处需要修改',
  locationDenied: '没有得到定位授权。请在浏览器或微信的设置中允许定位，再试一次。',
  locationFailed: '暂时取不到位置，请打开手机定位，到窗边或室外再试。',
  cameraDenied: '没有得到相机授权，请改为输入 12 位数字码。',
  cameraNone: '打不开相机，请改为输入 12 位数字码。',
}

export default zh
