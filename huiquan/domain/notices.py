"""The notice on personal information, read before a person agrees.  个人信息处理告知书

It says what the program does and nothing else; who changes the program changes these sentences and
the rulebook's `consent_version`. Personal Information Protection Law, articles 17, 28 to 30.
"""

from huiquan.domain.rulebooks import LocationRule, Rulebook

_ZH = """\
处理者：{organiser}委托的{platform}。告知书版本：{version}。
处理什么：姓名、证件号码、手机号，用于核验身份真实、唯一，并通知中签和核销；\
{place_zh}，用于确认您在活动区域内。
怎样保存：姓名、证件号码、手机号加密保存，页面和日志只显示部分字符；\
位置只保存判定结果和依据（市州、区县、约 1 公里网格、精度、时间），\
不保存精确坐标，不持续定位。
向谁提供：姓名和证件号码提供给实名核验机构核对；\
摇号记录只含化名，公开供任何人验证。
您的权利：可在“我的”查看和撤回同意。\
撤回后不能再参与摇号，已经得到的券仍可使用。"""

_EN = """\
Processed by {platform} for the {organiser}. Version of this notice: {version}.
What: your name, document number and mobile number, to check that you are real and take part once, \
and to tell you of wins and redemptions; {place_en}, to see that you are in the campaign's area.
How it is kept: name, document and mobile number are encrypted and shown only in part; of the \
location only the decision and its grounds are kept (city, county, a square of about 1 km, \
accuracy, time), never the exact point, and you are not tracked.
Who receives it: the identity authority compares name and document number; the published records \
of the draw hold pseudonyms only, for anyone to check.
Your rights: see and revoke your consents under “Me”. After that you cannot enter any more; \
vouchers you hold stay good."""


def personal_information_notice(rulebook: Rulebook) -> tuple[str, str]:
    """The notice of a campaign in Chinese and in English (R1.1)."""
    place_zh, place_en = _when(rulebook.location)
    zh = _ZH.format(
        organiser=rulebook.organiser_zh,
        platform=rulebook.platform.name_zh,
        version=rulebook.consent_version,
        place_zh=place_zh,
    )
    en = _EN.format(
        organiser=rulebook.organiser_en,
        platform=rulebook.platform.name_en,
        version=rulebook.consent_version,
        place_en=place_en,
    )
    return zh, en


def _when(location: LocationRule) -> tuple[str, str]:
    """When the location is asked for."""
    if location.at_draw:
        return "报名时和每次摇号时的位置", "your location when you register and each time you draw"
    return "报名时的位置", "your location when you register"
