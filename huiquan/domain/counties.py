"""Counties: the 103 county-level units of Hubei and their English names, as a table.  县级区划

Code and Chinese name are those of the map. In English the proper name is in pinyin, as the state's
standard for place names spells it, and the last word is translated. A proper name of one syllable
keeps its last word (房县 Fangxian County). An apostrophe stands before a syllable that begins with
a vowel (江岸 Jiang'an).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, kw_only=True)
class CountyName:
    """A district, county or city of the county's level."""

    code: str
    zh: str
    en: str


_TABLE = """
420102  江岸区            Jiang'an District
420103  江汉区            Jianghan District
420104  硚口区            Qiaokou District
420105  汉阳区            Hanyang District
420106  武昌区            Wuchang District
420107  青山区            Qingshan District
420111  洪山区            Hongshan District
420112  东西湖区          Dongxihu District
420113  汉南区            Hannan District
420114  蔡甸区            Caidian District
420115  江夏区            Jiangxia District
420116  黄陂区            Huangpi District
420117  新洲区            Xinzhou District
420202  黄石港区          Huangshigang District
420203  西塞山区          Xisaishan District
420204  下陆区            Xialu District
420205  铁山区            Tieshan District
420222  阳新县            Yangxin County
420281  大冶市            Daye City
420302  茅箭区            Maojian District
420303  张湾区            Zhangwan District
420304  郧阳区            Yunyang District
420322  郧西县            Yunxi County
420323  竹山县            Zhushan County
420324  竹溪县            Zhuxi County
420325  房县              Fangxian County
420381  丹江口市          Danjiangkou City
420502  西陵区            Xiling District
420503  伍家岗区          Wujiagang District
420504  点军区            Dianjun District
420505  猇亭区            Xiaoting District
420506  夷陵区            Yiling District
420525  远安县            Yuan'an County
420526  兴山县            Xingshan County
420527  秭归县            Zigui County
420528  长阳土家族自治县  Changyang Tujia Autonomous County
420529  五峰土家族自治县  Wufeng Tujia Autonomous County
420581  宜都市            Yidu City
420582  当阳市            Dangyang City
420583  枝江市            Zhijiang City
420602  襄城区            Xiangcheng District
420606  樊城区            Fancheng District
420607  襄州区            Xiangzhou District
420624  南漳县            Nanzhang County
420625  谷城县            Gucheng County
420626  保康县            Baokang County
420682  老河口市          Laohekou City
420683  枣阳市            Zaoyang City
420684  宜城市            Yicheng City
420702  梁子湖区          Liangzihu District
420703  华容区            Huarong District
420704  鄂城区            Echeng District
420802  东宝区            Dongbao District
420804  掇刀区            Duodao District
420822  沙洋县            Shayang County
420881  钟祥市            Zhongxiang City
420882  京山市            Jingshan City
420902  孝南区            Xiaonan District
420921  孝昌县            Xiaochang County
420922  大悟县            Dawu County
420923  云梦县            Yunmeng County
420981  应城市            Yingcheng City
420982  安陆市            Anlu City
420984  汉川市            Hanchuan City
421002  沙市区            Shashi District
421003  荆州区            Jingzhou District
421022  公安县            Gong'an County
421024  江陵县            Jiangling County
421081  石首市            Shishou City
421083  洪湖市            Honghu City
421087  松滋市            Songzi City
421088  监利市            Jianli City
421102  黄州区            Huangzhou District
421121  团风县            Tuanfeng County
421122  红安县            Hong'an County
421123  罗田县            Luotian County
421124  英山县            Yingshan County
421125  浠水县            Xishui County
421126  蕲春县            Qichun County
421127  黄梅县            Huangmei County
421181  麻城市            Macheng City
421182  武穴市            Wuxue City
421202  咸安区            Xian'an District
421221  嘉鱼县            Jiayu County
421222  通城县            Tongcheng County
421223  崇阳县            Chongyang County
421224  通山县            Tongshan County
421281  赤壁市            Chibi City
421303  曾都区            Zengdu District
421321  随县              Suixian County
421381  广水市            Guangshui City
422801  恩施市            Enshi City
422802  利川市            Lichuan City
422822  建始县            Jianshi County
422823  巴东县            Badong County
422825  宣恩县            Xuan'en County
422826  咸丰县            Xianfeng County
422827  来凤县            Laifeng County
422828  鹤峰县            Hefeng County
429004  仙桃市            Xiantao City
429005  潜江市            Qianjiang City
429006  天门市            Tianmen City
429021  神农架林区        Shennongjia Forestry District
"""


def _read(text: str) -> Mapping[str, CountyName]:
    """Read the table above into names by code."""
    names = {}
    for line in text.strip().splitlines():
        code, zh, en = line.split(maxsplit=2)
        names[code] = CountyName(code=code, zh=zh, en=en)
    return MappingProxyType(names)


COUNTIES: Mapping[str, CountyName] = _read(_TABLE)
