r"""Names inside archives as text: bytes of an unknown encoding to the one reading that fits all.

A zip that does not say that its names are UTF-8 may hold any encoding; reading GBK as cp437, as
zip tools do, makes classes called ``╨¼╫╙``. An encoding is taken only if every name is text of its
script in it: UTF-8, simplified Chinese, Japanese, the letters of western Europe, then the rarer.
The bytes of Korean are Chinese as well; which of both they are, all names together say, or nobody.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass

_HAN_AND_KANA = re.compile("[\u3005\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]")
_HANGUL = re.compile("[\uac00-\ud7a3]")


def _printable(letter: str) -> bool:
    return letter.isprintable()


def _eastern(letter: str) -> bool:
    return bool(_HAN_AND_KANA.match(letter)) or letter in "·、。「」（）ー～"


def _latin(letter: str) -> bool:
    return letter.isalpha() and unicodedata.name(letter, "").startswith("LATIN")


def _cyrillic(letter: str) -> bool:
    return letter.isalpha() and unicodedata.name(letter, "").startswith("CYRILLIC")


def _korean(letter: str) -> bool:
    return bool(_HANGUL.match(letter))


ENCODINGS: tuple[tuple[str, str, Callable[[str], bool]], ...] = (
    ("utf-8", "UTF-8", _printable),
    ("gb2312", "GBK", _eastern),
    ("shift_jis", "Shift-JIS", _eastern),
    ("cp437", "cp437", _latin),
    ("gbk", "GBK", _eastern),
    ("big5", "Big5", _eastern),
    ("cp866", "cp866", _cyrillic),
    ("cp1252", "cp1252", _latin),
)
"""Codec, its usual name, and which letters beyond ASCII are text in it; the first that fits.

The bytes of simplified Chinese make line drawings in cp437 and single half-wide kana in
Shift-JIS, those of Japanese kana begin with a byte that GB 2312 does not have, and western names
rarely have two letters beyond ASCII side by side: so at most one of the first four fits. What is
taken is always said.
"""
KOREAN = "EUC-KR"
WIDEST = {
    "utf-8": "utf-8", "gbk": "gb18030", "shift-jis": "cp932", "euc-kr": "cp949", "big5": "cp950",
    "cp437": "cp437", "cp866": "cp866", "cp1252": "cp1252",
}  # fmt: skip
"""The codec of each encoding that a person may name, with all that is called so."""

_COMMON = frozenset(
    "가각간갈감갑강같개거건검것게격견결경계고곰공과관광괜교구국군굴권귀귄규균그극근글긁금급기긴"
    "길김까깨꺼께꽃끼나남납내너널네년노녹논놀농높눈뉴느늑는능니님다단달닭담당대더덕던데도독돈돌"
    "동돼되된될두둘뒤드든들등디따딸때떤떨또라락란람랑래랜량러럭런럼레력련렬령로록론료루류륙률르"
    "른를름리린림립마막만많말맛망매머먹면명모목몰못무문물미민바박반받발밝방배백뱀버번벌범법베벽"
    "변별병보복본볼봉부북분불붕비빈빛빨뿐사산살삼상새색생샤서석선설성세셔션소속손솔송쇄수숙순술"
    "숫쉬스슬슴습승시식신실심십싸쓰씨아악안않알암압앞애액야약양어억언얼업없에엔여역연열영예오옥"
    "온올옷와완왔왕외왼요욕용우운울움웃워원월웨위유육윤율은을음응의이익인일읽임입있자작잔잘잠장"
    "재쟁저적전절점접정제져조족존종좋좌죄주죽준줄중쥐즈즉즐증지직진질집짜째쪽찍차착찬참찾채책처"
    "천철첫청체초촌총최추축출춤충취츠측치친칠침카칼캐커컵케켓코콘콜쿠크큰클키킹타탁탄탈탑태택터"
    "텍텔토톤통투트특틀티팀파판팔패퍼페펭편평폐포폭표푸품풍프플피픽필하학한할함합항해햇했행향허"
    "헌험헤혀혁현협형호혼홍화확환활황회획횡효후훈휘휴흑흔희흰히힘"
    # A fifth of what EUC-KR can write; nineteen of twenty syllables of a Korean text are of these.
)
_FOR_KOREAN, _FOR_CHINESE = math.log(0.95 / 0.25), math.log(0.75 / 0.05)
_ENOUGH = math.log(30)
"""How much likelier the one must be than the other to be taken without a question."""


@dataclass(frozen=True)
class Reading:
    r"""Names as text.

    Attributes:
        names: Each of them.
        encoding: The usual name of the encoding that was found; empty if all are ASCII, or if none
            fits all of them, and then bytes beyond ASCII are written ``\xff``.
        other: Another encoding that fits as well, so that nobody but a person can say; else empty.
        example: A name in `encoding` and in `other`, for the question.
    """

    names: list[str]
    encoding: str = ""
    other: str = ""
    example: tuple[str, str] = ("", "")


def decode(names: Sequence[bytes], said: str | None = None) -> Reading:
    """Decode names that are not marked as UTF-8.

    Args:
        names: All of them.
        said: The encoding if a person has named it, one of :data:`WIDEST`.

    Raises:
        UnicodeDecodeError: They cannot be of the encoding that was named.
    """
    strange = [name for name in names if not name.isascii()]
    if said is not None:
        return Reading([name.decode(WIDEST[said]) for name in names])
    fitting = (one for one in ENCODINGS if strange and _fits(strange, one[0], one[2]))
    codec, called, _ = next(fitting, ("", "", None))
    # Its rare syllables, which only cp949 has, are common characters to others and decide nothing.
    korean = "euc_kr" if called else "cp949"
    if strange and called != "UTF-8" and _fits(strange, korean, _korean):
        leaning = _leaning("".join(one.decode(korean) for one in strange))
        if leaning > _ENOUGH or not called:
            return Reading([name.decode(korean) for name in names], KOREAN)
        if leaning > -_ENOUGH:
            example = (strange[0].decode(codec), strange[0].decode(korean))
            return Reading([name.decode(codec) for name in names], called, KOREAN, example)
    if called:
        return Reading([name.decode(codec) for name in names], called)
    return Reading([name.decode("ascii", "backslashreplace") for name in names])


def _fits(names: Sequence[bytes], codec: str, is_text: Callable[[str], bool]) -> bool:
    try:
        decoded = [name.decode(codec) for name in names]
    except UnicodeDecodeError:
        return False
    return all(letter.isascii() or is_text(letter) for name in decoded for letter in name)


def _leaning(text: str) -> float:
    """How much likelier it is as Korean than as other characters of the same bytes, as logarithm.

    Of Chinese characters that happen to be Korean syllables, one in four is a common one.
    """
    syllables = set(filter(_korean, text))
    common = len(syllables & _COMMON)
    return common * _FOR_KOREAN - (len(syllables) - common) * _FOR_CHINESE
