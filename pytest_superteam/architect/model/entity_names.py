# ruff: noqa: RUF001, E501 - authors write in many scripts, and the words of a language stay on one line
"""The name of an entity in a heading, a cell or a bullet: PascalCase, singular, in Latin letters."""

from __future__ import annotations

import re
from functools import lru_cache

from pytest_superteam.architect.document.sections import clean_title
from pytest_superteam.architect.model.lexicon import english
from pytest_superteam.architect.names import fold, pascal, singular, vocabulary, words

__all__ = ["PREFIX", "SUFFIX", "entity_name"]

PREFIX = re.compile(
    r"^(?:table|entity|model|collection|entit[eé]|entidade?|entit[aà]t?|champs?(?: de la| du| de)?|fields? (?:of|for|in)"
    r"|attributes? (?:of|for)|datenfelder(?: je| pro| f[uü]r)?|felder(?: je| pro| f[uü]r)?|campos d[eoa]s?|atributos d[eoa]s?"
    r"|tabla|tabela|tabelle|tabella|colecci[oó]n|cole[cç][aã]o|bảng|tabel|table des|таблица|сущность|модель)"
    r"\s*:?\s+(?=\w)",
    re.IGNORECASE,
)
SUFFIX = re.compile(
    r"\s+(?:table|entity|model|schema|object|fields?|attributes|collection|record|data model)$", re.IGNORECASE
)
_PARENS = re.compile(r"\s*[(（\[][^()（）\[\]]{0,80}[)）\]]")
_BESIDE = re.compile(r"[(（\[`]\s?([A-Za-z][A-Za-z_ ]{1,40}?)\s?[)）\]`]")
_NO_ENTITY = vocabulary(
    "api api_gateway overview note example relationship relation index constraint diagram er_diagram "
    "schema database table entity field model migration key_benefit validation rule business_rule "
    "data_model summary total status enum type multi_tenancy storage security data info attribute "
    "user_flow requirement component endpoint backend frontend "
    "server client_server redis postgresql mongodb mysql sqlite permission_matrix access_control cache caching "
    "primary_key foreign_key unique_constraint enum_value enumeration relations relationships indexes indices enums the "
    "this it core main key proposed logical physical conceptual initial simplified er erd domain supabase prisma "
    "firestore mongo sql app system new existing current additional other entity_relationships key_relationships "
    "data_relationships er_relationships beziehungen relaciones relacoes relazioni relaties indexe indizes indici index "
    "hinweise notas remarques observaciones observacoes resumen resumo ubersicht uebersicht panoramica migrations "
    "migraciones migracoes migrationen contraintes restricciones restricoes enumeraciones enumeracoes quan_he chi_muc "
    "ghi_chu hubungan relasi catatan iliskiler indeksler notlar relacje indeksy uwagi felder campos champs columns fields "
    "attributes attributs atributos spalten colonnes columnas colunas key_design_decisions key_decisions "
    "design_decisions technical_decisions architectural_decisions architecture_decisions decisions_clave decisiones_clave "
    "real_time_subscriptions realtime_subscriptions"
)
_NO_TAIL = vocabulary(
    "configuration management setup strategy layer implementation integration optimization flow structure overview "
    "diagram relationship indexing caching handling validation requirement consideration architecture design "
    "development guideline convention principle diagramm relation constraint"
)
"""Last words of headings that stand among the entities of a data section and are none."""
_IN_SENTENCES = vocabulary(
    "will shall should must would this that which is are be was were not we you they how what why when where because at than"
)
"""Words of sentences; a name with one of them ("This system will include") is none."""


@lru_cache(maxsize=8192)
def entity_name(text: str) -> str:
    """Return the PascalCase singular name in a heading, cell or bullet, or an empty string when it names no entity."""
    text = _in_latin(text)
    text = clean_title(_PARENS.sub("", text))
    text = SUFFIX.sub("", PREFIX.sub("", text)).strip()
    if "/" in text:
        text = text.split("/")[0].strip()  # "Subscriber/User": two names of one entity, the first counts
    parts = words(text)
    if (
        not parts
        or len(parts) > 4
        or parts[0][0].isdigit()
        or re.search(r"\bupdates?$", fold(text))
        or not re.match(r"[\w\s'-]+$", text)
    ):
        return ""
    if len(parts) > 1 and not _IN_SENTENCES.isdisjoint(parts):
        return ""
    name = pascal(text)
    if len(parts) > 1 and singular(parts[-1]) in _NO_TAIL:
        return ""
    return "" if "_".join(parts) in _NO_ENTITY or name.lower() in _NO_ENTITY or len(name) > 60 else name


_TRAILING = re.compile(r"[^\x00-\x7f]\s{1,3}`?([a-z]{2,30}(?:_[a-z]{1,30}){0,4})`?$")


def _in_latin(text: str) -> str:
    """Return a heading of another script by its Latin name in brackets (`用户 (User)`), or else in English."""
    if text.isascii() or re.search(r"[A-Za-z]{2}", _PARENS.sub("", text)):
        trailing = None if text.isascii() else _TRAILING.search(text[-150:].rstrip(" *"))
        # "AI建议表 ai_suggestions": the name of the table, behind what it means.
        return trailing.group(1) if trailing and ("_" in trailing.group(1) or "表" in text) else text
    beside = _BESIDE.search(text)
    return beside.group(1) if beside else english(clean_title(_PARENS.sub("", text))) or text
