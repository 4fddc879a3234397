"""Names of made-up stores, merchants and streets; none of them is meant to exist.  店名

A store is called after a surname or a lucky word, what it sells, and the district it stands in.
"""

import random


def _words(text: str) -> list[str]:
    return text.split()


_OWNERS = _words("周 吴 徐 胡 高 郭 何 罗 宋 谢 韩 唐 邓 萧 曹 田 董 潘 袁 蔡 余 叶 程 魏 吕 卢 姜")
_LUCKY = _words("福满 聚鑫 惠丰 楚悦 江汇 云梦 金穗 和顺 百盈 荆禾 长盛 东湖里 汉水边 喜乐 万顺")
_DISHES = _words("""
    老字号热干面 三鲜豆皮馆 莲藕排骨汤 武昌鱼馆 粮道牛肉粉 鸭脖卤味 汽水包 油焖大虾 土家腊味
    米粉馆 烧烤店 火锅店 家常菜馆 早点铺 糊汤粉 牛骨头馆 农家小院 茶饭馆
""")
_SHOPS = _words("""
    超市 生活超市 百货 百货商场 购物中心 便民超市 家电商场 服装城 生鲜超市 文体百货
""")
_ONLINE = _words("优选商城 电商（湖北仓） 网上百货 线上超市")
_STREETS = _words("""
    解放路 建设大道 沿江大道 人民路 中山路 长江路 汉江路 文化路 东风路 民主街 新华路
""")


def dining_name(throw: random.Random) -> str:
    """Such as 周记三鲜豆皮馆."""
    return f"{throw.choice(_OWNERS)}记{throw.choice(_DISHES)}"


def retail_name(throw: random.Random) -> str:
    """Such as 福满生活超市."""
    return f"{throw.choice(_LUCKY)}{throw.choice(_SHOPS)}"


def online_name(throw: random.Random) -> str:
    """Such as 聚鑫优选商城."""
    return f"{throw.choice(_LUCKY)}{throw.choice(_ONLINE)}"


def company_name(store_name: str, county_zh: str, *, is_small: bool) -> str:
    """The merchant behind a store: a sole trader (个体工商户) or a company."""
    return f"{county_zh}{store_name}" + ("（个体工商户）" if is_small else "有限公司")


def address(throw: random.Random, city_zh: str, county_zh: str) -> str:
    """A street and a number in a county; the four directly-run units are county and city alike."""
    place = county_zh if city_zh == county_zh else city_zh + county_zh
    return f"{place}{throw.choice(_STREETS)}{throw.randint(1, 399)}号"


def cashier_name(throw: random.Random) -> str:
    """A surname and a title, as on a cashier's badge."""
    return f"{throw.choice(_OWNERS)}收银员"
