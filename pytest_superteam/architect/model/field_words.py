"""Words for types and constraints in the languages of real documents, put into the English that `fields` reads."""

from __future__ import annotations

import re

from pytest_superteam.architect.names import fold

__all__ = ["in_english", "said_in_english"]

_SCRIPTS = {
    "string": "字符串|文字列|文字型|문자열|строка|строковый|текстовое поле",
    "text": "文本|长文本|テキスト|본문|텍스트|текст",
    "integer": "整型|整数|整數|数値|정수|숫자|целое|целочисленный|целое число",
    "number": "数字|浮点数|浮点|小数|実数|실수|число|дробное",
    "decimal": "金额|金額|十进制|금액|денежный|сумма",
    "boolean": "布尔值|布尔|真偽値|真偽|ブール値|ブール|불리언|불린|логический|булево",
    "timestamp": "日期时间|时间戳|日時|タイムスタンプ|일시|날짜시간|дата и время|метка времени",
    "date": "日期|日付|날짜|дата",
    "time": "时间|時刻|시간|время",
    "list": "数组|数組|列表|配列|リスト|배열|목록|массив|список",
    "json": "对象|オブジェクト|객체|объект",
    "enum": "枚举|列挙型|列挙|열거형|열거|перечисление",
    "uuid": "唯一标识符|唯一标识|識別子",
    "email": "邮箱|電子邮件|メールアドレス|이메일|эл\\. почта|почта",
    "optional": "可选|可為空|可空|可为空|选填|選填|任意|省略可|null可|선택 사항|선택|옵션|необязательно|необязательный"
    "|опционально|может быть пустым|tùy chọn",
    "required": "必填|必须|必須|必要|非空|필수|обязательно|обязательный|обязательное|bắt buộc",
    "unique": "唯一|一意|ユニーク|重複不可|不可重复|고유|유일|уникальный|уникально|уникальное|уникален|duy nhất",
    "default": "默认值|默认|預設|デフォルト|既定値|初期値|기본값|по умолчанию|mặc định",
    "primary key": "主键|主鍵|主キー|기본키|기본 키|первичный ключ|khóa chính",
    "foreign key": "外键|外鍵|外部キー|외래키|외래 키|внешний ключ|khóa ngoại",
    "max ": "最大|最长|最多|上限|최대|максимум|не более|макс\\.|tối đa",
    "min ": "最小|最短|最少|下限|至少|최소|минимум|не менее|мин\\.|tối thiểu",
    " characters": "文字|字符|글자|символов|символа|ký tự",
    "or": "或者|或|または|또는|или",
}
_ENGLISH = {word.replace("\\", ""): english for english, text in _SCRIPTS.items() for word in text.split("|")}
_OTHER = re.compile("|".join(re.escape(w) for w in sorted(_ENGLISH, key=lambda w: -len(w))), re.IGNORECASE)
_AT_MOST = re.compile(r"(\d{1,6})\s{0,2}(文字|字符|字|자|글자)\s{0,2}(?:以内|以下|まで|이내|이하)")
_AT_LEAST = re.compile(r"(\d{1,6})\s{0,2}(文字|字符|字|자|글자)\s{0,2}(?:以上|이상)")
_BOUND = (
    (re.compile(r"(\d{1,9})\s{0,2}(?:以下|以内|이하)"), r"max \1"),
    (re.compile(r"(\d{1,9})\s{0,2}(?:以上|이상)"), r"min \1"),
)
_LATIN = {
    "string": "cadena|cadena de texto|chaine|chaine de caracteres|zeichenkette|stringa|tekst|chuoi|dize|metin",
    "text": "texto|texto largo|texto longo|texte|testo|freitext",
    "integer": "entero|inteiro|entier|ganzzahl|intero|geheel getal|so nguyen|tam sayi|numero entero|numero inteiro",
    "number": "numero|nombre|zahl|kommazahl|getal|numerico|numerique|sayi|so",
    "decimal": "dinero|moneda|moeda|montant|monnaie|geldbetrag|betrag|waehrung|wahrung|valuta|dinheiro",
    "boolean": "booleano|booleen|boolesch|wahrheitswert|logico|logique|ja/nein|si/no|sim/nao|oui/non",
    "timestamp": "fecha y hora|fecha/hora|data e hora|data/hora|date et heure|datum und uhrzeit|zeitstempel|data"
    " e ora|horodatage|ngay gio",
    "date": "fecha|data|datum|ngay|tarih",
    "time": "hora|heure|uhrzeit|ora",
    "list": "lista|liste|arreglo|tableau|vetor",
    "json": "objeto|objet|objekt|oggetto",
    "enum": "enumeracion|enumerado|enumeracao|enumeration|aufzahlung|auswahl|lista de valores",
    "email": "correo|correo electronico|courriel|e-mail|adresse e-mail",
}
_KINDS = {word: english for english, text in _LATIN.items() for word in text.split("|")}
_KIND = re.compile(r"^([a-z/-]+(?: [a-z/]+){0,3})(?=$|[ ]?[(,;])")
_SAID = (
    (
        re.compile(
            r"\b(?:facultativ[oa]|opcionalmente|optionnel(?:le)?|nicht erforderlich|optioneel|opzionale"
            r"|puede ser nulo|pode ser nulo)\b"
        ),
        "optional",
    ),
    (re.compile(r"\b(?:unico|unica|eindeutig|univoco|uniek|benzersiz)\b"), "unique"),
    (
        re.compile(
            r"\b(?:erforderlich|pflichtfeld|pflicht|obrigatorio|obrigatoria|requerido|requerida|verplicht"
            r"|obbligatorio|zorunlu)\b"
        ),
        "required",
    ),
    (re.compile(r"\b(?:por defecto|predeterminado|padrao|par defaut|standardwert|vorgabe|predefinito)\b"), "default"),
    (re.compile(r"\b(?:clave primaria|chave primaria|cle primaire|primarschlussel|chiave primaria)\b"), "primary key"),
    (re.compile(r"\b(?:clave foranea|chave estrangeira|cle etrangere|fremdschlussel|chiave esterna)\b"), "foreign key"),
    (re.compile(r"\b(?:maximo|massimo|hochstens|au plus|jusqu'a|no mas de|ate|hasta|bis zu)(?= (?:de )?\d)"), "max"),
    (re.compile(r"\b(?:minimo|mindestens|au moins|al menos|pelo menos|almeno)(?= (?:de )?\d)"), "min"),
    (re.compile(r"\b(?:entre|zwischen|tra) (-?\d{1,9}) (?:y|e|et|und) (-?\d{1,9})\b"), r"between \1 and \2"),
)


def in_english(text: str, *, is_type: bool = False) -> str:
    """Return what `text` says of a field, with the words of other languages that count in English.

    Args:
        text: words of a type or of constraints.
        is_type: whether it begins with the type, so that a word such as `data` is one.
    """
    if not text.isascii():
        text = _AT_LEAST.sub(r" min \1 characters ", _AT_MOST.sub(r" max \1 characters ", text))
        for pattern, english in _BOUND:
            text = pattern.sub(english, text)
        text = _OTHER.sub(lambda m: f" {_ENGLISH.get(m.group().lower(), '')} ", text)
    if is_type:
        match = _KIND.match(fold(text[:60]).strip()) if text else None
        word = _KINDS.get(match.group(1)) or _KINDS.get(match.group(1).split(" ")[0]) if match else None
        if word and match:
            return f"{word} {text.strip()[len(match.group(1)) :]}" if text.isascii() else f"{word} ; {text}"
    return text


def said_in_english(folded: str) -> str:
    """Return a folded text (lower-case ASCII) with the constraints of other Latin-script languages in English."""
    for pattern, english in _SAID:
        folded = pattern.sub(english, folded)
    return folded
