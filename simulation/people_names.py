"""Names of made-up people.  姓名

Surnames by how common they are; given names of one or two characters. No name holds 伪, which the
simulated identity authority takes for a forgery.
"""

import random

_SURNAMES = "王李张刘陈杨黄赵周吴徐孙马朱胡郭何林罗高郑梁谢宋唐许邓韩冯曹彭曾肖田董潘袁蔡蒋余"
_FIRST = "建国文志明晓海家春秀玉丽红小永思子雨梦佳欣俊天浩宇诗若嘉一雅立德世金桂楚汉江云"
_SECOND = "华军平强伟芳娟敏静霞燕玲梅兰英涛鹏飞斌超杰磊洋勇艳萍辉刚洁颖琳涵轩怡婷雪晨阳博"
_FORGED = "伪"


def person_name(throw: random.Random) -> str:
    """A surname, common ones more often, and a given name of one or two characters."""
    at = min(int(throw.expovariate(0.12)), len(_SURNAMES) - 1)
    first = throw.choice(_FIRST) if throw.random() < 0.8 else ""
    return _SURNAMES[at] + first + throw.choice(_SECOND)


def forged_name(throw: random.Random) -> str:
    """A name that does not belong to its document, as the simulated authority will say."""
    return throw.choice(_SURNAMES) + _FORGED + throw.choice(_SECOND)
