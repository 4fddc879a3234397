"""Where an address leads: to a county of Hubei, outside, or nowhere that can be said."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huiquan.domain.addresses import Destination, parse_address
from huiquan.domain.cities import CITIES
from huiquan.domain.refusals import Refusal
from huiquan.gateways.maps import load_regions

OUTSIDE, UNCLEAR = "outside", "unclear"

ADDRESSES = [
    # As people and platforms write it.
    ("湖北省武汉市洪山区珞喻路1号", "420111"),
    ("湖北省 武汉市 洪山区 珞喻路 1 号", "420111"),
    ("湖北武汉洪山区珞喻路1号", "420111"),
    ("武汉市洪山区珞喻路1号", "420111"),
    ("中国湖北省武汉市江汉区江汉路1号", "420103"),
    ("湖北省宜昌市宜都市陆城街道1号", "420581"),
    ("湖北省宜都市陆城街道1号", "420581"),
    ("湖北省恩施土家族苗族自治州恩施市舞阳坝1号", "422801"),
    ("湖北省恩施州利川市东城街道1号", "422802"),
    ("湖北恩施市舞阳坝1号", "422801"),
    ("湖北省宜昌市长阳土家族自治县龙舟坪镇1号", "420528"),
    ("湖北省宜昌市长阳县龙舟坪镇1号", "420528"),
    ("湖北省仙桃市沙嘴街道1号", "429004"),
    ("湖北省省直辖县级行政区划潜江市园林街道1号", "429005"),
    ("湖北省神农架林区松柏镇1号", "429021"),
    ("湖北省荆州市沙市区中山路1号", "421002"),
    ("湖北省随州市随县厉山镇1号", "421321"),
    # Streets, markets and shops may be called after other places.
    ("湖北省武汉市洪山区北京路小区1号", "420111"),
    ("湖北省武汉市江汉区上海路1号", "420103"),
    ("湖北省武汉市江岸区北京市场2楼", "420102"),
    ("湖北省武汉市武昌区湖南餐馆旁", "420106"),
    ("湖北省宜昌市西陵区重庆大厦3号", "420502"),
    # Other writings of the same characters.
    ("湖北省武漢市江漢區江漢路1號", "420103"),
    ("湖北省黃岡市黃梅縣黃梅鎮1號", "421127"),
    ("湖北省武汉市洪山区珞喻路１２３号", "420111"),
    ("湖\u200b北省武\u200d汉市洪\ufeff山区珞喻路1号", "420111"),
    ("湖北省，武汉市，洪山区，珞喻路1号", "420111"),
    # Outside, whatever else it says.
    ("北京市海淀区中关村大街1号", OUTSIDE),
    ("湖北大厦 北京市海淀区中关村大街1号", OUTSIDE),
    ("北京市海淀区湖北大厦", OUTSIDE),
    ("河北武汉路12号", OUTSIDE),
    ("河北省武汉市洪山区珞喻路1号", OUTSIDE),
    ("湖北省驻京办 北京市东城区和平里1号", OUTSIDE),
    ("湖北省驻北京办事处 北京东城区和平里1号", OUTSIDE),
    ("收货人武汉张三 河南省郑州市金水区花园路1号", OUTSIDE),
    ("郑州市金水区花园路1号 湖北省武汉市洪山区", OUTSIDE),
    ("郑州金水区花园路1号", OUTSIDE),
    ("湖北省河南省郑州市金水区花园路1号", OUTSIDE),
    ("广东省深圳市南山区湖北宝丰大厦", OUTSIDE),
    ("廣東省深圳市南山區科技園1號", OUTSIDE),
    ("吉林省吉林市朝阳区建国路1号", OUTSIDE),
    ("北\u200b京市朝阳区建国路1号", OUTSIDE),
    # Two places, or none.
    ("湖北省武汉市洪山区 北京市朝阳区建国路1号", UNCLEAR),
    ("湖北省武汉市洪山区转 北京朝阳区建国路1号", UNCLEAR),
    ("湖北省武汉市洪山区 湖北省宜昌市西陵区1号", UNCLEAR),
    ("湖北省武汉市洪山区驻郑州市办事处1号", UNCLEAR),
    ("湖北省武汉市西陵区珞喻路1号", UNCLEAR),
    ("湖北省武汉市珞喻路1号", UNCLEAR),
    ("湖北省武汉市洪山区", UNCLEAR),
    ("湖北省武汉市", UNCLEAR),
    ("湖北省仙桃市", UNCLEAR),
    ("洪山区珞喻路1号", UNCLEAR),
    ("朝阳区建国路1号", OUTSIDE),
    ("武汉洪山区珞喻路1号", UNCLEAR),
    ("湖北省驻京办", UNCLEAR),
    ("湖北大厦", UNCLEAR),
    ("珞喻路1号", UNCLEAR),
    ("", UNCLEAR),
    (" \u200b ", UNCLEAR),
    ("湖北省武汉市洪山区珞喻路1号\x00", UNCLEAR),
    ("湖北省武汉市洪山区" + "路" * 200, UNCLEAR),
]


COUNTIES = load_regions().counties


@pytest.mark.requirement("R3.7")
@pytest.mark.requirement("R5.4")
@pytest.mark.parametrize(("text", "leads_to"), ADDRESSES, ids=[one[0][:24] for one in ADDRESSES])
def test_where_an_address_leads(text: str, leads_to: str) -> None:
    found = parse_address(text, COUNTIES)
    if leads_to == OUTSIDE:
        assert found is Refusal.ADDRESS_OUTSIDE
    elif leads_to == UNCLEAR:
        assert found is Refusal.ADDRESS_UNCLEAR
    else:
        assert isinstance(found, Destination), found
        assert found.county == leads_to


def test_every_county_of_hubei_can_be_written_and_is_found() -> None:
    for county in COUNTIES:
        city = CITIES[county.city].zh
        between = "" if county.code == county.city else county.zh
        found = parse_address(f"湖北省{city}{between}解放路1号", COUNTIES)
        assert isinstance(found, Destination), (county, found)
        assert (found.city, found.county) == (county.city, county.code)


@given(st.text(max_size=60))
def test_any_text_is_answered_and_hidden_characters_change_nothing(text: str) -> None:
    found = parse_address(text, COUNTIES)
    assert isinstance(found, Destination | Refusal)
    if text:
        assert parse_address("\u200b".join(text), COUNTIES) == found
