"""Divisions: names of provinces and cities outside Hubei, as they stand in addresses.  区划名称

Of Hubei itself cities and counties are known from `cities` and the map. What stands here is what
an address must not name. A name is kept without its last word: 北京 of 北京市, 郑州 of 郑州市.
"""

_PROVINCES = """
北京市 天津市 上海市 重庆市 河北省 山西省 辽宁省 吉林省 黑龙江省 江苏省 浙江省 安徽省 福建省 江西省
山东省 河南省 湖南省 广东省 海南省 四川省 贵州省 云南省 陕西省 甘肃省 青海省 台湾省 内蒙古自治区
广西壮族自治区 西藏自治区 宁夏回族自治区 新疆维吾尔自治区 香港特别行政区 澳门特别行政区
"""

_CITIES = """
石家庄 唐山 秦皇岛 邯郸 邢台 保定 张家口 承德 沧州 廊坊 衡水 太原 大同 阳泉 长治 晋城 朔州 晋中
运城 忻州 临汾 吕梁 呼和浩特 包头 乌海 赤峰 通辽 鄂尔多斯 呼伦贝尔 巴彦淖尔 乌兰察布 沈阳 大连
鞍山 抚顺 本溪 丹东 锦州 营口 阜新 辽阳 盘锦 铁岭 朝阳 葫芦岛 长春 吉林 四平 辽源 通化 白山 松原
白城 哈尔滨 齐齐哈尔 鸡西 鹤岗 双鸭山 大庆 伊春 佳木斯 七台河 牡丹江 黑河 绥化 南京 无锡 徐州
常州 苏州 南通 连云港 淮安 盐城 扬州 镇江 泰州 宿迁 杭州 宁波 温州 嘉兴 湖州 绍兴 金华 衢州 舟山
台州 丽水 合肥 芜湖 蚌埠 淮南 马鞍山 淮北 铜陵 安庆 黄山 滁州 阜阳 宿州 六安 亳州 池州 宣城 福州
厦门 莆田 三明 泉州 漳州 南平 龙岩 宁德 南昌 景德镇 萍乡 九江 新余 鹰潭 赣州 吉安 宜春 抚州 上饶
济南 青岛 淄博 枣庄 东营 烟台 潍坊 济宁 泰安 威海 日照 临沂 德州 聊城 滨州 菏泽 郑州 开封 洛阳
平顶山 安阳 鹤壁 新乡 焦作 濮阳 许昌 漯河 三门峡 南阳 商丘 信阳 周口 驻马店 济源 长沙 株洲 湘潭
衡阳 邵阳 岳阳 常德 张家界 益阳 郴州 永州 怀化 娄底 广州 韶关 深圳 珠海 汕头 佛山 江门 湛江 茂名
肇庆 惠州 梅州 汕尾 河源 阳江 清远 东莞 中山 潮州 揭阳 云浮 南宁 柳州 桂林 梧州 北海 防城港 钦州
贵港 玉林 百色 贺州 河池 来宾 崇左 海口 三亚 三沙 儋州 成都 自贡 攀枝花 泸州 德阳 绵阳 广元 遂宁
内江 乐山 南充 眉山 宜宾 广安 达州 雅安 巴中 资阳 贵阳 六盘水 遵义 安顺 毕节 铜仁 昆明 曲靖 玉溪
保山 昭通 丽江 普洱 临沧 拉萨 日喀则 昌都 林芝 山南 那曲 西安 铜川 宝鸡 咸阳 渭南 延安 汉中 榆林
安康 商洛 兰州 嘉峪关 金昌 白银 天水 武威 张掖 平凉 酒泉 庆阳 定西 陇南 西宁 海东 银川 石嘴山
吴忠 固原 中卫 乌鲁木齐 克拉玛依 吐鲁番 哈密 台北 高雄 台中 台南 新北
"""

_LAST_WORDS = ("壮族自治区", "回族自治区", "维吾尔自治区", "特别行政区", "自治区", "省", "市")


def _without_last_word(name: str) -> str:
    return next(name.removesuffix(word) for word in _LAST_WORDS if name.endswith(word))


PROVINCES_OUTSIDE: tuple[str, ...] = tuple(_PROVINCES.split())
"""The other provinces, in full."""

PROVINCES_OUTSIDE_SHORT: tuple[str, ...] = tuple(map(_without_last_word, PROVINCES_OUTSIDE))
"""The same without their last word."""

CITIES_OUTSIDE: tuple[str, ...] = tuple(_CITIES.split())
"""Cities of the second level outside Hubei, without 市."""

# Characters of divisions' names and of the words around them, traditional and simplified.
_PAIRS = """
漢汉 區区 縣县 東东 陽阳 門门 黃黄 荊荆 隨随 鄉乡 鎮镇 僊仙 潛潜 岡冈 鹹咸 寧宁 來来 鶴鹤
穀谷 豐丰 應应 雲云 夢梦 孫孙 農农 魚鱼 橋桥 壩坝 陸陆 監监 黨党 國国 華华 廣广 遼辽 陝陕
肅肃 貴贵 臺台 蘇苏 內内 龍龙 慶庆 瀋沈 濟济 鄭郑 長长 瓊琼 點点 軍军 遠远 興兴 歸归 當当
棗枣 鐘钟 鍾钟 團团 紅红 羅罗 蘄蕲 廟庙 廳厅 島岛 馬马 灣湾 維维 爾尔 壯壮 蘭兰 關关 葉叶
陳陈 張张 蕪芜 連连 鹽盐 揚扬 紹绍 麗丽 銅铜 煙烟 濰潍 臨临 許许 嶺岭 懷怀 婁娄 頭头 欽钦
賀贺 賓宾 瀘泸 綿绵 樂乐 達达 資资 畢毕 薩萨 寶宝 鷹鹰 贛赣 饒饶 廈厦 萊莱 無无 錫锡 鐵铁
嶽岳 嘯啸 與与 給给 場场 號号
"""
TRADITIONAL = str.maketrans({pair[0]: pair[1] for pair in _PAIRS.split()})
"""To read an address in traditional characters as the same place."""
