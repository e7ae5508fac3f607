"""What a section is about, by the words of its title, in the languages of real documents."""

from __future__ import annotations

import re

from pytest_superteam.architect.names import fold

__all__ = ["kind_of"]

# Order is precedence: the first kind that has a word in the title decides. The first column is matched against the
# title in lower-case ASCII, the second one against the title as it is, for other scripts.
_KINDS: tuple[tuple[str, tuple[str, ...], str], ...] = (
    (
        "excluded",
        (
            r"out[- ]of[- ]scope|non[- ]?goals?\b|not in scope|\bexclu(?:ded|sions?|s)\b|\bwon'?t\b|will not",
            r"\bdeferred|not implemented|\bfuture\b|nice[- ]to[- ]have|later phases?|post[- ]mvp",
            r"hors (?:du )?(?:scope|perimetre|champ)|non[- ]objectifs|fuera de(?:l)? alcance|fora d[eo] escopo",
            r"nicht[- ]ziele|nicht im (?:umfang|scope)|abgrenzung|ausserhalb|fuori (?:ambito|scope)",
            r"buiten (?:de )?scope|kapsam disi|ngoai pham vi",
        ),
        (
            "対象外|スコープ外|範囲外|非目標|実装しない|不包含|不在范围|范围外|非目标|暂不"
            "|범위 외|제외|вне (?:рамок|скоупа|объ)|не входит"
        ),
    ),
    (
        "nonfunctional",
        (r"non[- ]?functional|nfrs?\b|performance|scalab|reliab|non[- ]fonctionnel|nicht[- ]funktional|nao funcionai",),
        "非機能|非功能|нефункц",
    ),
    (
        "questions",
        (r"open (?:questions|issues|points)|questions ouvertes|offene (?:fragen|punkte)",),
        "未決|待定|未解决",
    ),
    ("glossary", (r"glossar|definitions|terminolog",), "用語|术语"),
    ("risks", (r"\brisks?\b|risques?\b|riesgos|riscos|risiken",), "リスク|风险|риски"),
    ("metrics", (r"success (?:metrics|criteria)|\bkpis?\b|metriques",), "成功指標|成功指标"),
    (
        "stack",
        (r"tech(?:nology|nical)? stack|technologies|stack technique|architecture technique",),
        "技術スタック|技术栈",
    ),
    (
        "states",
        (r"\bstates?\b|\bstatus(?:es)?\b|lifecycle|life cycle|state machine|transitions?\b|\bstatuts?\b|estados",),
        "状態|状态|статус",
    ),
    (
        "data",
        (
            r"data ?(?:models?|architecture|structures?|schema|entities)|database|\bschemas?\b|domain model",
            r"\bentit(?:y|ies|es|ites)\b|\ber[- ](?:model|diagram)|\berd\b|\btables?\b|\bmodels\b|(?:key|core) objects",
            r"modele de donnees|modelo de d|datenmodell|^(?:core |key |the )?data$",
        ),
        "データモデル|データベース|テーブル|数据模型|数据库|实体|데이터 모델|модель данных|сущности",
    ),
    ("events", (r"\bevents?\b|messaging|\btopics?\b|evenements|eventos|ereignisse",), "イベント|事件|события"),
    ("api", (r"\bapis?\b|endpoints?\b|\broutes?\b|\brest\b|schnittstelle",), "エンドポイント|接口|эндпоинт"),
    (
        "services",
        (r"micro-?services?\b|^(?:the |core |backend |system )?services?\b|\bdeployables?\b|\bservices\b",),
        "マイクロサービス|微服务|サービス一覧|микросервис",
    ),
    (
        "roles",
        (
            r"\broles?\b|\bactors?\b|\bpersonas?\b|permissions?\b|user types|target users|acteurs|rollen|papeis",
            r"access control",
        ),
        "ユーザー種別|ターゲットユーザー|権限|角色|роли",
    ),
    (
        "plan",
        (
            r"milestones?|\bphases?\b|roadmap|timeline|\bsprints?\b|development plan|\bplanning\b",
            r"\bjalons\b|meilenstein",
        ),
        "マイルストーン|ロードマップ|里程碑|路线图",
    ),
    (
        "ui",
        (r"\bui\b|\bux\b|screens?\b|wireframes?|\bpages\b|front[- ]?end|design guidelines|ecrans",),
        "画面|界面|デザイン",
    ),
    (
        "requirements",
        (
            r"requirements?\b|features?\b|functional|user stor|stories|use cases?|capabilit|acceptance|business rules",
            r"exigences|fonctionnalites|regles metier|anforderung|funktion|requisitos|funcionalidad",
            r"recursos|user flows?",
        ),
        "機能|要件|功能|需求|기능|функц|требован",
    ),
)
_PATTERNS = tuple(
    (kind, re.compile("|".join(latin)), re.compile(other, re.IGNORECASE)) for kind, latin, other in _KINDS
)


def kind_of(title: str) -> str:
    """Return what a section of this title is about, or an empty string."""
    folded = fold(title)
    # "In scope / out of scope" lists both.
    if re.search(r"\bin[- ]scope\b.{0,20}\bout", folded):
        return ""
    return next((k for k, latin, other in _PATTERNS if latin.search(folded) or other.search(title)), "")
