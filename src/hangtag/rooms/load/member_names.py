"""Names inside archives as text: bytes of an unknown encoding to the one reading that fits all.

A zip that does not say that its names are UTF-8 may hold any encoding; reading GBK as cp437, as
zip tools do, makes classes called ``╨¼╫╙``. An encoding is taken only if every name is text of its
script in it: UTF-8, simplified Chinese, Japanese, the letters of western Europe, then the rarer.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence

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
rarely have two letters beyond ASCII side by side: so at most one of the first four fits, but for
names of Korean (EUC-KR), which is why the encoding is always said.
"""


def decode(names: Sequence[bytes]) -> tuple[list[str], str]:
    r"""Decode names that are not marked as UTF-8.

    Returns:
        The names, and the encoding's usual name; empty if all are ASCII or no encoding fits all
        of them, and then bytes beyond ASCII are written ``\xff``.
    """
    strange = [name for name in names if not name.isascii()]
    for codec, called, fits in ENCODINGS if strange else ():
        try:
            decoded = [name.decode(codec) for name in strange]
        except UnicodeDecodeError:
            continue
        if all(letter.isascii() or fits(letter) for name in decoded for letter in name):
            return [name.decode(codec) for name in names], called
    return [name.decode("ascii", "backslashreplace") for name in names], ""
