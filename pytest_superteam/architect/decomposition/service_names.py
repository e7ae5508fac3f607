# ruff: noqa: RUF001 - dashes and brackets of other scripts are what authors write
"""Names of services: from what the author writes to a name that is safe as a folder, or one line why it is none."""

from __future__ import annotations

import re

from pytest_superteam.architect.names import fold, kebab, words
from pytest_superteam.errors import PrdError
from pytest_superteam.models.architecture import free_name

__all__ = ["PORT", "cleaned", "core", "is_class", "is_service_like", "plain_name", "service_name"]

# A bare number is a port only where it can't be a year.
PORT = re.compile(
    r"[(\[]\s*(?:port|puerto|porta|порт|端口|ポート)\s*:?\s*\d{2,5}\s*[)\]]|(?<=\s):\d{4,5}\b"
    r"|\b(?:on |at )?port\s*:?\s*\d{2,5}\b|[(\[]\s*:?(?:[3-9]\d{3}|1[0-8]\d{2}|\d{5})\s*[)\]]",
    re.IGNORECASE,
)
_STEP = re.compile(
    r"^(?:step|phase|part|service|sprint|milestone|(?:micro)?service|servicio|serviço|dienst|module)\s{0,3}"
    r"#?\d{1,3}\s*[:.–—-]\s*|^(?:micro-?)?service\s*:\s+",
    re.IGNORECASE,
)
_BRACKET = re.compile(r"\s*[(（\[【]([^()（）\[\]【】]{0,120})[)）\]】]\s*$")
_PLURAL = re.compile(r"\((?:s|es)\)", re.IGNORECASE)
_CUT = re.compile(r"\s*(?:[:：]|\s[–—-]\s|\s?(?:→|->|=>|⟶)|\s—|\|).{0,5000}$", re.DOTALL)
_TAIL = re.compile(r"(?<=[a-z0-9])-(?:(?:micro-?)?services?|svc|microservice|api|server|backend|worker)$")
_LIKE = re.compile(
    r"(?:^|[\s_-])(?:micro-?)?(?:service|svc|servicio|servico|serviço|servizio|dienst|servis)s?$"
    r"|(?:dienst|service|svc|srv)$"
    r"|^(?:micro-?)?(?:servi[cç]e(?! (?:mesh|discover|level|provider|layer|worker|communicat|overview|architect|bound"
    r"|regist|account|request|contract|monitor|management|owner|depend|decompos|isolat|orchestrat|health|desk|fee|charge|area"
    r"|type|categor|center|cost|detail|hours?\b|list|name|price))|servicio"
    r"|servi[cç]o|microsservi[cç]o|servizio) (?:de |des |du |d'|da |do |di "
    r"|del )?\w"
    r"|(?:微?服务|微?服務|サービス|서비스)$|^(?:dịch vụ|layanan|сервис|служба|usługa) \w|(?:сервис|servisi)$",
    re.IGNORECASE,
)
_CLASS = re.compile(r"^[A-Z][a-z0-9]+(?:[A-Z][A-Za-z0-9]*)*Services?$|^[a-z]+(?:[A-Z][a-z0-9]+)*Service$")
_TECHNOLOGY = frozenset(
    {
        *(
            "node",
            "nodejs",
            "js",
            "express",
            "expressjs",
            "nestjs",
            "nest",
            "fastapi",
            "flask",
            "django",
            "laravel",
            "go",
        ),
        *("spring", "boot", "springboot", "golang", "rails", "ruby", "python", "java", "kotlin", "php", "rust", "net"),
        *("dotnet", "asp", "aspnet", "gin", "fiber", "koa", "hono", "fastify", "quarkus", "typescript", "nextjs"),
    }
)
_NOTHING = frozenset({"service", "services", "microservice", "svc", "server", "api"})
# What a service is called in scripts that have no Latin letters: the commonest nouns, longest first where they overlap.
_NOUNS = {
    "backend": "后端 後端 服务端 バックエンド 백엔드 бэкенд",
    "server": "服务器 サーバー 서버 сервер",
    "worker": "ワーカー 워커 воркер",
    "user": "用户 用戶 ユーザー 사용자 пользовател",
    "auth": "认证 認證 鉴权 登录 認証 인증 авториза аутентифика",
    "order": "订单 訂單 注文 주문 заказ",
    "product": "商品 产品 產品 상품 제품 товар продукт",
    "payment": "支付 付款 決済 결제 платеж оплат",
    "inventory": "库存 庫存 在庫 재고 склад",
    "notification": "通知 알림 уведомлени",
    "message": "消息 訊息 メッセージ 메시지 сообщени",
    "search": "搜索 検索 검색 поиск",
    "cart": "购物车 購物車 カート 장바구니 корзин",
    "file": "文件 檔案 ファイル 파일 файл",
    "course": "课程 課程 コース 강의 курс",
    "review": "评论 評論 レビュー 리뷰 отзыв",
    "report": "报表 報表 レポート 보고서 отчет",
    "analytics": "分析 統計 统计 분석 аналитик",
    "recommendation": "推荐 推薦 レコメンド 추천 рекомендаци",
    "content": "内容 內容 コンテンツ 콘텐츠 контент",
    "member": "会员 會員 会員 회원",
    "booking": "预约 預約 予約 예약 бронирован",
    "delivery": "配送 物流 배송 доставк",
    "admin": "管理 관리 админ",
    "data": "数据 數據 データ 데이터 данны",
    "catalog": "目录 カタログ 카탈로그 каталог",
    "schedule": "排班 スケジュール 일정 расписани",
    "ai": "智能 人工知能 인공지능",
}
_CYRILLIC = dict(
    zip(
        "абвгдезийклмнопрстуфхцыэ",
        ("a", "b", "v", "g", "d", "e", "z", "i", "y", "k", "l", "m", "n", "o", "p", "r", "s", "t", "u", "f", "kh", "ts",
         "y", "e"),
        strict=True,
    )
) | {"ж": "zh", "ч": "ch", "ш": "sh", "щ": "shch", "ю": "yu", "я": "ya", "ё": "e", "ъ": "", "ь": ""}  # fmt: skip
_TRANSLITERATED = str.maketrans(_CYRILLIC)
_LONGEST = 63


def cleaned(text: str) -> str:
    """Return what an author calls a part, without number, port, remark in brackets and what follows the name.

    The remark stays where it alone has Latin letters: `用户服务 (user-service)`.
    """
    text = _PLURAL.sub("", " ".join(text[:400].split()))
    text = _STEP.sub("", PORT.sub(" ", re.sub(r"^\W{0,8}\d{1,3}(?:\.\d{1,3}){0,3}[.):、]?\s+", "", text)))
    text = _CUT.sub("", text).strip()
    for _ in range(2):
        found = _BRACKET.search(text)
        if not found:
            break
        before = text[: found.start()].strip()
        if not before:
            return found.group(1).strip()
        latin = words(before) and set(words(before)) - _NOTHING
        inside = found.group(1).strip()
        if not latin and len(words(inside)) in range(1, 4):
            return inside
        text = before
    return text.strip(" *_`\"'“”「」『』【】")


def service_name(text: str, line: int, *, number: int = 0) -> str:
    """Return `text` as a service name such as `user-service`, or an empty string when it is no name.

    A name without Latin letters becomes its English word where it is a common one, else is transliterated, else is
    `service-<number>` (of the line without one).

    Raises:
        PrdError: it can't be the name of a folder: path separators, `..`, leading dots or control characters.
    """
    shown = "".join(c if c.isprintable() else "?" for c in text)[:80]
    problem = _unsafe(text)
    if problem:
        raise PrdError(
            f"--prd: '{shown}' (line {line}) is no service name: it {problem}. "
            "Allowed are words and hyphens, such as 'order-service'. Rename the service."
        )
    base = cleaned(text)
    name = kebab(base.replace("WebSocket", "Websocket"))
    if not name or (name in _NOTHING and not base.isascii()):
        name = _translated(base)
        if not name and any(c.isalpha() for c in base):
            name = f"service-{number or line}"
        if not name:
            raise PrdError(
                f"--prd: '{shown}' (line {line}) is no service name: no Latin letter or digit is left of it. "
                "Allowed are words and hyphens, such as 'order-service'. Rename the service."
            )
    name = free_name(name if name[0].isalpha() else f"service-{name}")
    return "" if len(name) > _LONGEST or name.count("-") > 6 else name


def _unsafe(text: str) -> str:
    if any(ord(c) < 32 or ord(c) == 127 for c in text if c not in "\t\n"):
        return "holds a control character"
    if ".." in text.replace("...", ""):
        return "holds '..'"
    if re.match(r"\s*\.(?!net\b)", text, re.IGNORECASE):
        return "begins with a dot"
    head = _CUT.sub("", text[:200])
    return "holds a path separator" if re.search(r"^\s*/|\\(?=\w)|^\S{1,60}/\S{1,60}$", head.strip()) else ""


def _translated(text: str) -> str:
    found = sorted(
        (position, -len(word), name)
        for name, written in _NOUNS.items()
        for word in written.split()
        if (position := text.lower().find(word)) >= 0
    )
    if found:
        names = list(dict.fromkeys(name for _, _, name in found))[:2]
        return "-".join([*names, "service"] if is_service_like(text) else names)
    return kebab(text.lower().translate(_TRANSLITERATED))


def core(name: str) -> str:
    """Return a service name without what all of them end in: `order` of `order-service`."""
    return _TAIL.sub("", name)


def plain_name(name: str, *, empty: bool = False) -> str:
    """Return the name of a back end without what it is written in: `backend` of `spring-boot-backend`.

    Where nothing is left of it, it is the whole name, or with `empty` nothing.
    """
    return "-".join(p for p in name.split("-") if p not in _TECHNOLOGY) or ("" if empty else name)


def is_service_like(text: str) -> bool:
    """Return whether a name says of itself, in its language, that it is one of a service."""
    return bool(_LIKE.search(" ".join(text.split())[:120])) and fold(text).strip() not in _NOTHING


def is_class(text: str) -> bool:
    """Return whether a name is written like that of a class: `UserService`."""
    return bool(_CLASS.match(text.strip()))
