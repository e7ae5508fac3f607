# ruff: noqa: RUF001 - dashes and brackets of other scripts are what authors write
"""Words around endpoints that are not to be built: other systems, histories, tests, later phases."""

from __future__ import annotations

import re

__all__ = ["FIRST_TITLE", "HISTORY", "LATER_LINE", "LATER_TITLE", "LISTS", "NEIGHBOUR", "OWN_PATH", "TESTS", "THIRD"]

THIRD = re.compile(
    r"third[- ]party|external (?:apis?|services?|integrations?|dependenc|systems?)|\bvendor|外部\s?(?:api"
    r"|服务|サービス|連携|系统)"
    r"|第三方|서드파티|외부 (?:api|서비스)|сторонни|внешни\w{1,2} (?:api|сервис)|apis? externas?"
    r"|apis? externes?|externe (?:apis?|dienste)",
    re.IGNORECASE,
)
OWN_PATH = re.compile(r"^/api\b|web-?hooks?|callback|/hooks?\b", re.IGNORECASE)
HISTORY = re.compile(
    r"change ?log|release notes|revision|version history|変更履歴|更新日志|修订|변경 이력|история изменений|historique",
    re.IGNORECASE,
)
TESTS = re.compile(
    r"\btest(?:ing|s)?\b(?! (?:api|management))|\bqa\b|smoke|load test|テスト(?:計画|ケース)|测试(?:用例|计划"
    r"|方案)|pruebas|testes\b|тестировани"
    r"|\bexamples?\b|\bsamples?\b|demo\b|quick ?start|getting started",
    re.IGNORECASE,
)
LISTS = re.compile(r"end ?-?points?|\bapis?\b|\broutes?\b|/|エンドポイント|接口|엔드포인트|эндпоинт", re.IGNORECASE)

_PHASE = r"(?:phase|phases|fase|faz|etapa|etap|этап|фаза|フェーズ|阶段|release|sprint)"
LATER_TITLE = re.compile(
    rf"[(\[（【]\W{{0,3}}(?:{_PHASE}\s?(?:[2-9]|ii+|two|three)\b|v[2-9]\b|[二三]期|第[二三]\w{{1,2}})"
    rf"[^()\[\]（）【】]{{0,40}}[)\]）】]",
    re.IGNORECASE,
)
FIRST_TITLE = re.compile(rf"\b{_PHASE}\s?(?:1|i|one)\b|一期", re.IGNORECASE)
LATER_LINE = re.compile(
    r"\b(?:later|next|future|subsequent|upcoming) (?:phases?|versions?|releases?|iterations?)"
    r"|\bwill be added (?:later|in)\b|\beventually\b|\bphase [2-9]\b|\bpost-?mvp\b"
    r"|sonraki (?:faz|sürüm|aşama)\w*|(?:fase|versi[oó]n|vers[aã]o|etapa) (?:futura|posterior|siguiente|seguinte)"
    r"|(?:phase|version) (?:ultérieure|suivante|future)"
    r"|(?:später|künftig|zukünftig|nächst)\w* (?:phase|version|ausbau)\w*"
    r"|(?:后续|後續|未来|将来|下个)(?:版本|阶段|迭代)?|今後|추후|향후"
    r"|(?:следующ|поздн|будущ)\w+ (?:верси|этап|фаз|релиз)\w*",
    re.IGNORECASE,
)
NEIGHBOUR = re.compile(r"\bexisting (?:[\w-]{1,20} ){1,2}(?:service|system)\b(?!s)", re.IGNORECASE)
