"""How languages and settings bind a literal to a name: the patterns of `named_values.py`, each for one line."""

from __future__ import annotations

import re

from pytest_superteam.scanners.facts.secrets.values import NAME, STRING

__all__ = [
    "ASSIGNED",
    "BARE",
    "BLOCK_END",
    "BUILD_FIELD",
    "DEFAULT",
    "DEFAULT_BELOW",
    "DSN",
    "ENTRY",
    "EQUALS",
    "EXPANDED",
    "FALLBACK",
    "FIRST",
    "FLAG",
    "FLOW",
    "HEADER",
    "HOLDER",
    "INNER",
    "KEYED",
    "NAMED_ABOVE",
    "OPEN_END",
    "OPEN_TAG",
    "OWNERS",
    "PAIRED",
    "PARAMETER_BLOCK",
    "PROPERTY_ABOVE",
    "PROPERTY_BELOW",
    "REVERSED",
    "SECTIONED",
    "SETTER",
    "SPACE",
    "SPACED",
    "SQL",
    "STATEMENT",
    "STRING_BELOW",
    "TAG",
    "TUPLE",
    "VALUE_BELOW",
    "VARIABLE",
    "VARIABLE_BLOCK",
    "VERBS",
    "YODA",
]

CLOSERS = r"(?:\\{0,3}[\"'`\])}]){0,5}(?:\[\d{0,4}\])?"
WRAP = (
    r"(?:(?:new\s+)?(?:[\w.:$]{0,60}[.:$])?(?:SecretStr|Secret|SecretString|GuardedString|str|bytes"
    r"|bytearray|String|Some|Ok|strdup|"
    r"from|of|fromString|toCharArray|b64encode|ptr|Ptr|Sensitive|SecureString|pulumi\.secret|secret|valueOf|just|"
    r"ConvertTo-SecureString|T|_T|TEXT|L|String::from|string|Static|Literal|Value|Text|lit|to_bytes"
    r"|force_bytes|utf8)(?:!|\?)?[({<]\s{0,4})?"
    r"(?:ConvertTo-SecureString\s+(?:-String\s+)?)?"
)
OPERATOR = r"(?:={1,3}>?|!={1,2}|:{1,2}=|::|:|<-|<>|\+=|\?\?=|\|\|=|\?=|=~|-n?eq\b|-ceq\b)"
TYPE = (
    r"(?:\s{1,4}(?:string|\[\]byte|char|byte|str|String|text)(?=\s{0,4}=[^=>])"
    r"|\s{0,4}[?!]?:\s{0,4}[A-Za-z_&'](?:[\w.|&? ']|\[(?:[^\[\]=\n]|\[[^\[\]=\n]{0,40}\]){0,60}\]"
    r"|<(?:[^<>=\n]|<[^<>=\n]{0,40}>){0,60}>){0,60}?(?=\s{0,4}=[^=>])"
    r"|\s{0,4}\{\s{0,4}get;[^{}\n]{0,40}\}(?=\s{0,4}=[^=>]))?"
)

ASSIGNED = re.compile(
    rf"(?<![\w.\-])(?P<name>{NAME}){CLOSERS}(?:,\s{{0,4}}\w{{1,30}}(?=\s{{0,4}}:=))?{TYPE}\s{{0,30}}{OPERATOR}\s{{0,30}}\(?{WRAP}{STRING}"
)
FALLBACK = re.compile(rf"(?<![\w.\-])(?P<name>{NAME}){CLOSERS}\s{{0,4}}(?:\|\||\?\?|\?:|\bor\b)\s{{0,4}}{STRING}")
REVERSED = re.compile(rf"{STRING}\s{{0,4}}(?:={{2,3}}|!={{1,2}}|<>)\s{{0,4}}\$?(?P<name>{NAME})(?![\w(])")
EQUALS = re.compile(
    rf"(?<![\w.\-])(?P<name>{NAME})(?:\(\))?{CLOSERS}\.(?:equals|equalsIgnoreCase|equal|Equals|eq|is"
    rf"|compareTo|compare)\(\s{{0,4}}{STRING}"
)
YODA = re.compile(rf"{STRING}\.(?:equals|equalsIgnoreCase|Equals|compareTo)\(\s{{0,4}}\$?(?P<name>{NAME})")
PAIR_CALLS = (
    r"(?:put|set|Set|setProperty|set_property|SetProperty|setdefault|setenv|Setenv|SetEnv|putenv"
    r"|Putenv|define|append|add|Add|header|Header|"
    r"setHeader|set_header|addHeader|add_header|setRequestHeader|SetHeader|withHeader|get|Get"
    r"|getOrDefault|GetOrDefault|getenv|getEnv|GetEnv|get_env|get_or_default|"
    r"getenv_or|env|Env|ENV\.fetch|envOr|EnvOr|env_or_default|config|fetch|getProperty|option|String"
    r"|StringVar|StringP|StringVarP|setItem|SetItem|setParameter|addParameter|"
    r"param|Param|queryParam|addQueryParam|SetDefault|set_default|setDefault|setString|SetString"
    r"|withProperty|property|Property|setAttribute|SetEnvironmentVariable|"
    r"getConfig|get_config|environ|default|getString|GetString|addQueryParameter|append_pair|formParam"
    r"|field|addFormDataPart|Arg|entry|of|Pair|pair|to|insert|"
    r"config_set|set_config|setConfig|configure|cfg\.get|secret|input|getattr|setattr)"
)
PAIRED = re.compile(
    rf"\b{PAIR_CALLS}[(\[]\s{{0,4}}(?:[&\w.]{{1,40}}\s{{0,2}},\s{{0,4}})?\\?[\"'`]?"
    rf"(?P<name>[\w.\-]{{2,80}})\\?[\"'`]?\s{{0,4}},\s{{0,4}}(?:default\s{{0,2}}=\s{{0,2}}"
    rf"|fallback\s{{0,2}}=\s{{0,2}}|cast=\w+,\s{{0,4}})?{STRING}"
)
SECTIONED = re.compile(
    rf"\.set\(\s{{0,4}}[\"'][\w.\- ]{{1,60}}[\"']\s{{0,4}},\s{{0,4}}"
    rf"[\"'](?P<name>[\w.\-]{{2,80}})[\"']\s{{0,4}},\s{{0,4}}{STRING}"
)
"""An entry of a section: `config.set("db", "password", "x")`."""
TUPLE = re.compile(
    rf"[(\[{{]\s{{0,4}}\\?[\"'](?P<name>[\w.\-]{{2,80}})\\?[\"']\s{{0,4}},\s{{0,4}}{STRING}\s{{0,4}}[)\]}}]"
)
DEFAULT = re.compile(
    rf"\b(?:default|server_default|default_value|defaultValue|fallback|initial|Default)\s{{0,2}}[=:(]\s{{0,4}}{STRING}"
)
HOLDER = re.compile(
    rf"[\"'`]-{{0,2}}(?P<quoted>[A-Za-z_][\w.\-]{{1,60}})[\"'`]"
    rf"|(?<![\w.])(?P<bound>{NAME})\s{{0,4}}(?::[^=\n]{{1,60}})?[=:](?!=)"
)
FIRST = re.compile(
    rf"(?<![\w.\-])(?P<name>{NAME})\s{{0,4}}(?::[^=\n]{{1,60}})?=\s{{0,4}}(?:[\w.]{{0,40}}\.)?(?:Field"
    rf"|field|Setting|Config)\(\s{{0,4}}{STRING}"
)
SETTER = re.compile(
    rf"(?<![\w$])(?P<name>[A-Za-z_]\w{{1,60}})\(\s{{0,4}}(?:new\s+\w+\(\s{{0,4}})?{STRING}"
    rf"(?:\.toCharArray\(\)|\.getBytes\(\)|\.encode\(\w*\))?\s{{0,4}}\)"
)
VERBS = frozenset({"set", "with", "use", "update", "change", "reset", "add", "put", "assign", "new", "override"})
OWNERS = frozenset({
    "db", "user", "admin", "root", "smtp", "redis", "mysql", "proxy", "login", "key", "store", "keystore", "trust",
    "truststore", "master", "api", "client", "access", "auth",
})  # fmt: skip
"""First words of the names of setters such as `.dbPassword("x")`."""
INNER = re.compile(r"(?<![\w.\-$%{])(?P<name>[A-Za-z_][\w.\-]{1,60})(?:=|%3D)(?P<value>[^\s\"'`&;,<>(){}\\|]{3,300})")
DSN = re.compile(
    r"(?i)\b(?:host|server|user|uid|dbname|database|data source|username|user id|driver|login|ssl|sslmode)\s?="
)
HEADER = re.compile(
    r"(?<![\w\-])(?P<name>[A-Za-z][\w\-]{2,60}):\s{0,4}(?P<value>[^\s\"'`,;<>{}()\\$]{6,300})(?=[\"'`\\])"
)
TAG = re.compile(
    r"<(?P<name>[A-Za-z][\w.\-]{0,80})(?:\s[^<>]{0,120})?>\s{0,8}(?:<!\[CDATA\[)?"
    r"(?P<value>[^<>\n]{1,300}?)(?:\]\]>)?\s{0,8}</"
)
KEYED = re.compile(
    r"(?i)(?<![\w])[\"'<]?(?:key|name|id|parameterkey|variable"
    r"|setting)\\?[\"']?\s{0,4}[=:]\s{0,4}\\?[\"']?(?P<name>[A-Za-z_][\w.\-:]{1,80})\\?[\"']?"
    r"\s{0,4},?\s{0,8}[^\n<>]{0,60}?\\?[\"']?\b(?:value|parametervalue|default"
    r"|defaultvalue)\\?[\"']?\s{0,4}[=:]\s{0,4}(?:\\?(?P<q>[\"'])(?P<value>[^\"'\\\n]{1,300})\\?(?P=q)"
    r"|(?P<bare>[^\s\"'<>,{}\[\]]{3,200}))"
)
ENTRY = re.compile(
    r"(?i)\b(?:key|name)=[\"'](?P<name>[\w.\-:]{2,80})[\"'][^<>]{0,80}>\s{0,8}(?P<value>[^<>\n]{1,300}?)\s{0,8}<"
)
SQL = re.compile(
    r"(?i)\b(?P<name>IDENTIFIED\s+(?:WITH\s+\S{1,40}\s+)?(?:BY|AS)(?:\s+PASSWORD)?"
    r"|PASSWORD)(?:\s{1,4}(?:=\s{0,4})?|=\s{0,4}|(?=\())\(?\s{0,4}(?:N"
    r"|HASHED\s)?\\{0,2}(?P<quote>[\"'])(?P<value>[^\"'\n\\]{1,300})\\{0,2}(?P=quote)"
)
STATEMENT = re.compile(r"(?i)\b(?:user|role|login|alter|create|identified|set|encrypted|grant|with|account)\b")
EXPANDED = re.compile(r"[$#]\{(?P<name>[\w.\-]{2,80}):[-=]?(?P<value>[^{}$\s\"'?+][^{}$\"'\n]{1,200})\}")
FLAG = re.compile(
    r"(?<![\w\-])-{1,2}(?P<name>[A-Za-z][\w.\-]{1,40}?)(?:=|[ \t]{1,4}"
    r"|\\?[\"']\s{0,2},\s{0,4})\\?[\"']?(?P<value>[^\s\"'`;|&<>\\,()\[\]-][^\s\"'`;"
    r"|&<>\\,()\[\]]{2,250})"
)
VARIABLE = re.compile(
    r"(?:^|[\s;\"'(=&|]|-e|-D"
    r"|\$env:)(?P<name>[A-Za-z_][\w.\-]{1,80})=(?:(?P<quote>\\?[\"'])(?P<quoted>[^\"'\\\n]{1,300})"
    r"(?P=quote)|(?P<value>[^\s\"'`;&|<>()\[\\]{3,300}))"
)
BARE = re.compile(
    r"^\s{0,60}(?:(?:export|set|setx|local|readonly|declare|env|def|define|override|let|const|private"
    r"|Environment=|SET|/[a-z]|-)\s{0,4}(?:-\w\s+)?)?[\"']?\$?"
    r"(?P<name>[A-Za-z_@/][\w.\-/:@\[\]]{0,120}?)[\"']?\s{0,30}(?:=>|:=|\?=|\+=|=|:(?=\s"
    r"|$))\s{0,30}(?P<value>[^\s\"'`;{\[|>&*#][^\"`\n]{0,300}?)\s{0,30}(?:\s[#;].*)?$"
)
FLOW = re.compile(
    r"(?<=[{,])\s{0,8}[\"']?(?P<name>[A-Za-z_][\w.\-]{0,80})[\"']?\s{0,4}[:=]\s{1,4}"
    r"(?P<value>[^\s\"'`,{}\[\]]{3,200})(?=\s{0,4}[,}])"
)
SPACED = re.compile(
    r"^\s{0,40}(?:(?:machine\s+\S{1,80}\s+|default\s+)?(?:(?:login|user|username"
    r"|neighbor)\s+\S{1,80}\s+)?(?:privilege\s+\d+\s+)?(?P<name>password|passwd|requirepass|masterauth"
    r"|secret|passphrase|bindpw"
    r"|rootpw))\s+(?:[057]\s+)?[\"']?(?P<value>[^\s\"'={}\[\];:]{3,200})[\"']?;?\s{0,20}$"
)
SPACE = re.compile(
    rf"^\s{{0,60}}(?:#?[\w.]{{1,40}}\s{{1,4}})?(?P<name>{NAME})\s{{1,20}}{STRING}\s{{0,4}}[;,]?\s{{0,10}}(?:[{{#].*)?$"
)
BUILD_FIELD = re.compile(
    r"\b(?:buildConfigField|resValue)[\s(]{1,4}[\"']\w{1,20}[\"']\s{0,4},\s{0,4}[\"'](?P<name>\w{2,80})[\"']\s{0,4},"
    r"\s{0,4}[\"'](?:\\\")?(?P<value>[^\"'\\\n]{3,300})"
)
PROPERTY_ABOVE = re.compile(r"<key>(?P<name>[\w.\-]{2,80})</key>\s{0,8}$")
PROPERTY_BELOW = re.compile(r"^\s{0,60}<string>(?P<value>[^<>\n]{1,300})</string>")
OPEN_TAG = re.compile(r"<(?P<name>[A-Za-z][\w.\-]{0,80})>\s{0,8}$")
OPEN_END = re.compile(
    rf"(?<![\w.\-])(?P<name>{NAME}){CLOSERS}{TYPE}\s{{0,20}}(?:={{1,3}}|:=|=>"
    rf"|:)\s{{0,8}}[(\\]?\s{{0,8}}(?:\w{{0,2}}\"{{3}}\\?)?$"
)
BLOCK_END = re.compile(r"^\s{0,60}(?:-\s+)?[\"']?(?P<name>[\w.\-]{1,80})[\"']?\s{0,4}:\s{0,4}[|>][+-]?\d?\s{0,8}$")
NAMED_ABOVE = re.compile(
    r"^\s{0,60}(?:-\s{1,4})?\{?\s{0,4}[\"']?(?:name|key|Name|Key|ParameterKey"
    r"|variable)[\"']?\s{0,4}[:=]\s{0,4}[\"']?(?P<name>[A-Za-z_][\w.\-]{1,80})[\"']?,?\s{0,20}$"
)
VALUE_BELOW = re.compile(
    r"^\s{0,60}[\"']?(?:value|Value|ParameterValue"
    r"|default)[\"']?\s{0,4}[:=]\s{0,4}(?:(?P<quote>[\"'])(?P<quoted>[^\"'\n]{1,300})(?P=quote)"
    r"|(?P<value>[^\s\"'{}\[\],#]{3,300}))\s{0,8},?\s{0,20}(?:#.*)?$"
)
VARIABLE_BLOCK = re.compile(r"^\s{0,20}variable\s+[\"'](?P<name>[\w\-]{1,80})[\"']\s{0,8}\{")
PARAMETER_BLOCK = re.compile(r"^\s{0,20}[\"']?(?P<name>\w{1,80})[\"']?\s{0,4}:\s{0,4}\{?\s{0,8}$")
DEFAULT_BELOW = re.compile(
    r"^\s{1,60}[\"']?(?P<key>default"
    r"|Default)[\"']?\s{0,20}[=:]\s{0,8}(?:(?P<quote>[\"'])(?P<quoted>[^\"'\n]{1,300})(?P=quote)"
    r"|(?P<value>[^\s\"'{}\[\],#]{3,300}))\s{0,8},?\s{0,20}$"
)
STRING_BELOW = re.compile(rf"^\s{{0,80}}(?:\\?\(\s{{0,4}})?{STRING}")
