"""The kinds of change that oasdiff documents (509 at version 4553c69), each with an example of ours and both verdicts.

Kinds within schemas stand as `aspect place:level ...`, as they come in the same words at several places.
"""

from copy import deepcopy
from datetime import date

TODAY = date(2026, 1, 1)

PLACES = {
    "qb": "request-body",
    "qp": "request-property",
    "qro": "request-read-only-property",
    "sb": "response-body",
    "sp": "response-property",
    "swo": "response-write-only-property",
    "pa": "request-parameter",
    "app": "request-parameter-property",
}
LEVELS = {"E": "error", "W": "warning", "I": "info"}

WITHIN_SCHEMAS = """
all-of-added qb:E qp:E sb:I sp:I
all-of-added-annotation-only qb:I qp:I sb:I sp:I
all-of-removed qb:W qp:W sb:I sp:I
all-of-removed-annotation-only qb:I qp:I sb:I sp:I
any-of-added qb:I qp:I sb:I sp:I
any-of-removed qb:E qp:E sb:I sp:I
became-enum qb:E pa:E qp:E
became-not-nullable pa:E app:E qb:E qp:E sp:I sb:I
became-nullable pa:I app:I qb:I qp:I sp:E sb:E
const-added qb:E qp:E sb:I sp:I
const-changed qb:E qp:E sb:E sp:E
const-removed qb:I qp:I sb:E sp:E
contains-added qb:E qp:E sb:I sp:I
contains-removed qb:I qp:I sb:E sp:E
content-encoding-changed qb:E qp:E sb:E sp:E
content-media-type-changed qb:E qp:E sb:E sp:E
content-schema-added qb:E qp:E sb:I sp:I
content-schema-removed qb:I qp:I sb:E sp:E
default-value-added pa:E qb:I qp:I sb:I sp:I
default-value-changed pa:E qb:I qp:I sb:I sp:I
default-value-removed pa:E qb:I qp:I sb:I sp:I
dependent-required-added qb:E qp:E sb:I sp:I
dependent-required-changed qb:E qp:E sb:E sp:E
dependent-required-removed qb:I qp:I sb:E sp:E
dependent-schema-added qb:E qp:E sb:I sp:I
dependent-schema-removed qb:I qp:I sb:E sp:E
deprecated qp:I sp:I
deprecated-sunset-invalid qp:E sp:E
deprecated-sunset-missing qp:E sp:E
deprecated-with-sunset qp:I sp:I
discriminator-added qb:I qp:I sb:I sp:I
discriminator-mapping-added qb:I qp:I sb:I sp:I
discriminator-mapping-changed qb:I qp:I sb:I sp:I
discriminator-mapping-deleted qb:I qp:I sb:I sp:I
discriminator-property-name-changed qb:I qp:I sb:I sp:I
discriminator-removed qb:I qp:I sb:I sp:I
else-added qb:E qp:E sb:I sp:I
else-removed qb:I qp:I sb:E sp:E
enum-value-added pa:I app:I qp:I sp:W swo:I
enum-value-removed pa:E app:E qp:E qro:I sp:I qb:E
exclusive-max-decreased pa:E qb:E qp:E qro:I
exclusive-max-increased pa:I qb:I qp:I sb:E sp:E
exclusive-max-set pa:W qb:W qp:W
exclusive-min-decreased pa:I qb:I qp:I sb:E sp:E
exclusive-min-increased pa:E qb:E qp:E qro:I
exclusive-min-set pa:W qb:W qp:W
if-added qb:E qp:E sb:I sp:I
if-removed qb:I qp:I sb:E sp:E
list-of-types-narrowed qb:E qp:E sb:I sp:I pa:E app:E
list-of-types-widened qb:I qp:I sb:E sp:E pa:I app:I
max-contains-decreased qb:E qp:E sb:I sp:I
max-contains-increased qb:I qp:I sb:E sp:E
max-decreased pa:E qb:E qp:E qro:I
max-increased pa:I qb:I qp:I sb:E sp:E
max-items-decreased pa:E
max-items-increased pa:I
max-length-decreased pa:E qb:E qp:E qro:I
max-length-increased pa:I qb:I qp:I sb:E sp:E
max-length-set pa:W qb:W qp:W
max-length-unset sb:E sp:E
max-set pa:W qb:W qp:W
min-contains-decreased qb:I qp:I sb:E sp:E
min-contains-increased qb:E qp:E sb:I sp:I
min-decreased pa:I qb:I qp:I sb:E sp:E
min-increased pa:E qb:E qp:E qro:I
min-items-decreased pa:I sb:E sp:E
min-items-increased pa:E qb:E qp:E
min-items-set pa:W qb:W qp:W
min-items-unset sb:E sp:E
min-length-decreased pa:I qb:I qp:I sb:E sp:E
min-length-increased pa:E qb:E qp:E
min-set pa:W qb:W qp:W
one-of-added qb:I qp:I sb:E sp:E
one-of-removed qb:E qp:E sb:I sp:I
pattern-added pa:E qp:E sp:I
pattern-changed pa:W qp:W sp:I
pattern-generalized pa:I qp:I
pattern-property-added qb:E qp:E sb:I sp:I
pattern-property-removed qb:I qp:I sb:E sp:E
pattern-removed pa:I qp:I sp:I
prefix-items-added qb:I qp:I sb:E sp:E
prefix-items-removed qb:E qp:E sb:I sp:I
property-names-added qb:E qp:E sb:I sp:I
property-names-removed qb:I qp:I sb:E sp:E
reactivated qp:I sp:I
stability-decreased qp:E sp:E
stability-increased qp:I sp:I
sunset-date-too-small qp:E sp:E
then-added qb:E qp:E sb:I sp:I
then-removed qb:I qp:I sb:E sp:E
type-changed pa:E app:W qb:E qp:E sb:E sp:E
type-compatible qb:I qp:I sb:I sp:I
type-generalized pa:I app:I qb:I qp:I sb:E sp:E
type-specialized app:E sb:I sp:I
unevaluated-items-added qb:E qp:E sb:I sp:I
unevaluated-items-removed qb:I qp:I sb:E sp:E
unevaluated-properties-added qb:E qp:E sb:I sp:I
unevaluated-properties-removed qb:I qp:I sb:E sp:E
wrapped-in-one-of qb:E sb:E
x-extensible-enum-value-removed pa:E qp:E
"""

ELSEWHERE = """
api-deprecated-sunset-missing:E api-deprecated-sunset-parse:E api-global-security-added:I api-global-security-removed:I
api-global-security-scope-added:I api-global-security-scope-removed:I api-invalid-stability-level:E
api-major-version-not-bumped:I api-operation-id-added:I api-operation-id-removed:I api-path-removed-before-sunset:E
api-path-removed-with-deprecation:I api-path-removed-without-deprecation:E api-path-sunset-parse:E
api-removed-before-sunset:E api-removed-with-deprecation:I api-removed-without-deprecation:E api-schema-removed:I
api-security-added:I api-security-component-added:I api-security-component-oauth-scope-added:I
api-security-component-oauth-scope-changed:I api-security-component-oauth-scope-removed:I
api-security-component-oauth-token-url-changed:I api-security-component-oauth-url-changed:I
api-security-component-removed:I api-security-component-type-changed:I api-security-removed:I api-security-scope-added:I
api-security-scope-removed:I api-stability-decreased:E api-stability-increased:I api-sunset-date-changed-too-small:E
api-sunset-date-too-small:E api-tag-added:I api-tag-removed:I api-version-decreased:I api-version-not-bumped:I
endpoint-added:I endpoint-deprecated:I endpoint-deprecated-with-sunset:I endpoint-reactivated:I
new-optional-request-default-parameter-to-existing-path:I new-optional-request-parameter:I
new-optional-request-property:I new-request-path-parameter:E new-required-request-default-parameter-to-existing-path:E
new-required-request-header-property:E new-required-request-parameter:E new-required-request-property:E
new-required-request-property-with-default:E optional-response-header-removed:W request-body-added-optional:I
request-body-added-required:E request-body-became-optional:I request-body-became-required:E
request-body-media-type-added:I request-body-media-type-removed:E request-body-media-type-schema-added:E
request-body-media-type-schema-removed:I request-body-removed:E request-header-property-became-enum:E
request-header-property-became-required:E request-optional-property-became-not-read-only:I
request-optional-property-became-not-write-only:I request-optional-property-became-read-only:I
request-optional-property-became-write-only:I request-parameter-became-optional:I request-parameter-became-required:E
request-parameter-deprecated:I request-parameter-deprecated-sunset-missing:E request-parameter-reactivated:I
request-parameter-removed:W request-parameter-removed-before-sunset:E request-parameter-removed-with-deprecation:I
request-parameter-sunset-date-changed-too-small:E request-parameter-sunset-date-too-small:E
request-parameter-sunset-deleted:E request-parameter-sunset-parse:E request-property-became-optional:I
request-property-became-required:E request-property-became-required-with-default:E request-property-removed:W
request-required-property-became-not-read-only:I request-required-property-became-not-write-only:I
request-required-property-became-read-only:I request-required-property-became-write-only:I
required-response-header-removed:E response-body-media-type-schema-added:I response-body-media-type-schema-removed:W
response-header-added:I response-header-became-not-nullable:I response-header-became-nullable:E
response-header-became-optional:E response-header-type-changed:E response-header-type-compatible:I
response-header-type-generalized:E response-header-type-specialized:I response-media-type-added:I
response-media-type-name-changed:I response-media-type-name-generalized:E response-media-type-name-specialized:I
response-media-type-removed:E response-mediatype-enum-value-removed:I response-non-success-status-added:I
response-non-success-status-removed:I response-optional-property-added:I
response-optional-property-became-not-read-only:I response-optional-property-became-not-write-only:I
response-optional-property-became-read-only:I response-optional-property-became-write-only:I
response-optional-property-removed:W response-optional-write-only-property-added:I
response-optional-write-only-property-removed:I response-property-became-optional:E response-property-became-required:I
response-required-property-added:I response-required-property-became-not-read-only:I
response-required-property-became-not-write-only:W response-required-property-became-read-only:I
response-required-property-became-write-only:I response-required-property-removed:E
response-required-write-only-property-added:I response-required-write-only-property-removed:I
response-success-status-added:I response-success-status-removed:E response-write-only-property-became-optional:I
response-write-only-property-became-required:I sunset-deleted:E webhook-added:I webhook-removed:E
"""


def catalogue():
    """Return oasdiff's level of each of its kinds."""
    found = dict(entry.split(":") for entry in ELSEWHERE.split())
    for line in WITHIN_SCHEMAS.strip().splitlines():
        aspect, *places = line.split()
        for place, level in (entry.split(":") for entry in places):
            found[f"{PLACES[place]}-{aspect}"] = level
    return {kind: LEVELS[level] for kind, level in found.items()}


# ---------------------------------------------------------------- examples within schemas

TEXT, WHOLE, NUMBER = {"type": "string"}, {"type": "integer"}, {"type": "number"}


def thing(*names, **more):
    """Return an object schema that demands text under each name."""
    return {"type": "object", "properties": dict.fromkeys(names, TEXT), "required": list(names), **more}


def either(keyword, *schemas, **more):
    return {keyword: list(schemas), **more}


CAT, DOG, EEL = thing("paws"), thing("tail", "bark"), thing("slime", "fins", "gills")
PET = {"propertyName": "kind", "mapping": {"cat": "#/components/schemas/Cat", "dog": "#/components/schemas/Dog"}}
FISH = {"propertyName": "kind", "mapping": {**PET["mapping"], "eel": "#/components/schemas/Eel"}}
SWAPPED = {"propertyName": "kind", "mapping": {**PET["mapping"], "dog": "#/components/schemas/Eel"}}
PETS = either("oneOf", CAT, DOG)
COND = {"type": "object", "if": {"required": ["a"]}}
LIST = {"type": "array"}
FEW = {"type": "string", "enum": ["a", "b"]}
MANY = {"type": "string", "enum": ["a", "b", "c"]}


def both(aspect, smaller, larger, verbs):
    """Return an example for each direction of one pair: from `smaller` to `larger` is the first of the verbs."""
    return {f"{aspect}-{verbs[0]}": (smaller, larger), f"{aspect}-{verbs[1]}": (larger, smaller)}


COME = ("added", "removed")
UP = ("increased", "decreased")

SCHEMAS = {
    **both("all-of", either("allOf", CAT), either("allOf", CAT, DOG), COME),
    "all-of-added-annotation-only": (either("allOf", CAT), either("allOf", CAT, {"description": "a pet"})),
    "all-of-removed-annotation-only": (either("allOf", CAT, {"title": "A pet"}), either("allOf", CAT)),
    **both("any-of", either("anyOf", CAT, DOG), either("anyOf", CAT, DOG, EEL), COME),
    **both("one-of", either("oneOf", CAT, DOG), either("oneOf", CAT, DOG, EEL), COME),
    "wrapped-in-one-of": (CAT, either("oneOf", CAT, DOG)),
    "became-enum": (TEXT, FEW),
    **both("enum-value", FEW, MANY, COME),
    "x-extensible-enum-value-removed": (
        {"type": "string", "x-extensible-enum": ["a", "b"]},
        {"type": "string", "x-extensible-enum": ["a"]},
    ),
    "became-nullable": (TEXT, {"type": ["string", "null"]}),
    "became-not-nullable": ({"type": ["string", "null"]}, TEXT),
    **both("const", TEXT, {"type": "string", "const": "a"}, COME),
    "const-changed": ({"const": "a"}, {"const": "b"}),
    **both("contains", LIST, {**LIST, "contains": WHOLE}, COME),
    **both(
        "min-contains",
        {**LIST, "contains": WHOLE, "minContains": 2},
        {**LIST, "contains": WHOLE, "minContains": 3},
        UP,
    ),
    **both(
        "max-contains",
        {**LIST, "contains": WHOLE, "maxContains": 4},
        {**LIST, "contains": WHOLE, "maxContains": 5},
        UP,
    ),
    "content-encoding-changed": ({**TEXT, "contentEncoding": "base64"}, {**TEXT, "contentEncoding": "base16"}),
    "content-media-type-changed": (
        {**TEXT, "contentMediaType": "image/png"},
        {**TEXT, "contentMediaType": "image/gif"},
    ),
    **both(
        "content-schema",
        {**TEXT, "contentMediaType": "application/json"},
        {**TEXT, "contentMediaType": "application/json", "contentSchema": CAT},
        COME,
    ),
    **both("default-value", TEXT, {**TEXT, "default": "a"}, COME),
    "default-value-changed": ({**TEXT, "default": "a"}, {**TEXT, "default": "b"}),
    **both("dependent-required", thing(), thing(dependentRequired={"a": ["b"]}), COME),
    "dependent-required-changed": (thing(dependentRequired={"a": ["b"]}), thing(dependentRequired={"a": ["c"]})),
    **both("dependent-schema", thing(), thing(dependentSchemas={"a": thing("b")}), COME),
    "deprecated": (TEXT, {**TEXT, "deprecated": True}),
    "deprecated-with-sunset": (TEXT, {**TEXT, "deprecated": True, "x-sunset": "2027-01-01"}),
    "deprecated-sunset-missing": (TEXT, {**TEXT, "deprecated": True}),
    "deprecated-sunset-invalid": (TEXT, {**TEXT, "deprecated": True, "x-sunset": "next year"}),
    "sunset-date-too-small": (TEXT, {**TEXT, "deprecated": True, "x-sunset": "2026-01-09"}),
    "reactivated": ({**TEXT, "deprecated": True}, TEXT),
    "stability-decreased": ({**TEXT, "x-stability-level": "stable"}, {**TEXT, "x-stability-level": "beta"}),
    "stability-increased": ({**TEXT, "x-stability-level": "beta"}, {**TEXT, "x-stability-level": "stable"}),
    **both("discriminator", PETS, {**PETS, "discriminator": PET}, COME),
    "discriminator-mapping-added": ({**PETS, "discriminator": PET}, {**PETS, "discriminator": FISH}),
    "discriminator-mapping-deleted": ({**PETS, "discriminator": FISH}, {**PETS, "discriminator": PET}),
    "discriminator-mapping-changed": ({**PETS, "discriminator": PET}, {**PETS, "discriminator": SWAPPED}),
    "discriminator-property-name-changed": (
        {**PETS, "discriminator": {"propertyName": "kind"}},
        {**PETS, "discriminator": {"propertyName": "sort"}},
    ),
    **both("if", thing(), COND, COME),
    **both("then", COND, {**COND, "then": {"required": ["b"]}}, COME),
    **both("else", COND, {**COND, "else": {"required": ["b"]}}, COME),
    **both("exclusive-max", {**NUMBER, "exclusiveMaximum": 5}, {**NUMBER, "exclusiveMaximum": 9}, UP),
    "exclusive-max-set": (NUMBER, {**NUMBER, "exclusiveMaximum": 5}),
    **both("exclusive-min", {**NUMBER, "exclusiveMinimum": 5}, {**NUMBER, "exclusiveMinimum": 9}, UP),
    "exclusive-min-set": (NUMBER, {**NUMBER, "exclusiveMinimum": 5}),
    **both("max", {**NUMBER, "maximum": 5}, {**NUMBER, "maximum": 9}, UP),
    "max-set": (NUMBER, {**NUMBER, "maximum": 5}),
    **both("min", {**NUMBER, "minimum": 5}, {**NUMBER, "minimum": 9}, UP),
    "min-set": (NUMBER, {**NUMBER, "minimum": 5}),
    **both("max-items", {**LIST, "maxItems": 5}, {**LIST, "maxItems": 9}, UP),
    **both("min-items", {**LIST, "minItems": 5}, {**LIST, "minItems": 9}, UP),
    **both("min-items", LIST, {**LIST, "minItems": 5}, ("set", "unset")),
    **both("max-length", {**TEXT, "maxLength": 5}, {**TEXT, "maxLength": 9}, UP),
    **both("max-length", TEXT, {**TEXT, "maxLength": 5}, ("set", "unset")),
    **both("min-length", {**TEXT, "minLength": 5}, {**TEXT, "minLength": 9}, UP),
    **both("list-of-types", {"type": ["string"]}, {"type": ["string", "integer"]}, ("widened", "narrowed")),
    **both("pattern", TEXT, {**TEXT, "pattern": "^a+$"}, COME),
    "pattern-changed": ({**TEXT, "pattern": "^a+$"}, {**TEXT, "pattern": "^a*$"}),
    "pattern-generalized": ({**TEXT, "pattern": "^a+$"}, {**TEXT, "pattern": ".*"}),
    **both("pattern-property", thing(), thing(patternProperties={"^x-": WHOLE}), COME),
    **both("prefix-items", {**LIST, "prefixItems": [TEXT]}, {**LIST, "prefixItems": [TEXT, WHOLE]}, COME),
    **both("property-names", thing(), thing(propertyNames={"maxLength": 9}), COME),
    "type-changed": (TEXT, {"type": "boolean"}),
    "type-compatible": (WHOLE, TEXT),
    "type-generalized": (WHOLE, NUMBER),
    "type-specialized": (NUMBER, WHOLE),
    **both("unevaluated-items", LIST, {**LIST, "unevaluatedItems": False}, COME),
    **both("unevaluated-properties", thing(), thing(unevaluatedProperties=False), COME),
}
"""An example of each aspect: the schema before and after, put at each of its places."""

OTHER_EXAMPLES = {
    "request-parameter-type-changed": (WHOLE, {"type": "boolean"}),
    "request-parameter-property-type-changed": (WHOLE, {"type": "boolean"}),
    "response-body-type-compatible": (TEXT, WHOLE),
    "response-property-type-compatible": (TEXT, WHOLE),
}
"""Where a place needs an example of its own."""


def document(body=None, answer=None, parameters=(), media="application/json", **more):
    """Return a document of one operation; `more` goes into the operation."""
    operation = {"responses": {"200": {"description": "Done"}}, **deepcopy(more)}
    if body is not None:
        operation["requestBody"] = {"required": True, "content": {media: {"schema": body}}}
    if answer is not None:
        operation["responses"]["200"]["content"] = {media: {"schema": answer}}
    if parameters:
        operation["parameters"] = list(parameters)
    return {"openapi": "3.1.0", "info": {"title": "Pets", "version": "1.0.0"}, "paths": {"/pets": {"post": operation}}}


def query(schema, **more):
    return {"name": "q", "in": "query", "schema": schema, **more}


def at(place, schema, *, textual=False):
    """Return a document with `schema` at one of the places."""
    media = "text/plain" if textual else "application/json"
    inside = {"type": "object", "properties": {"p": schema}}
    hidden = {"qro": "readOnly", "swo": "writeOnly"}.get(place)
    if hidden:
        inside = {"type": "object", "properties": {"p": {**schema, hidden: True}}}
    if place in {"pa", "app"}:
        return document(parameters=[query(schema if place == "pa" else inside)])
    used = schema if place in {"qb", "sb"} else inside
    return document(body=used, media=media) if place in {"qb", "qp", "qro"} else document(answer=used, media=media)


def within_schemas():
    """Yield (kind, old document, new document) of each kind within schemas."""
    for line in WITHIN_SCHEMAS.strip().splitlines():
        aspect, *places = line.split()
        for place in (entry.split(":")[0] for entry in places):
            kind = f"{PLACES[place]}-{aspect}"
            example = OTHER_EXAMPLES.get(kind, SCHEMAS[aspect])
            yield kind, *(at(place, schema, textual=aspect == "type-compatible") for schema in example)


# ---------------------------------------------------------------- examples elsewhere


def changed(document, *, root=None, item=None, **operation):
    """Return a copy with other parts of the root, of the path item or of the operation; None removes one."""
    found = deepcopy(document)
    target = found["paths"].get("/pets", {})
    for part, changes in ((found, root), (target, item), (target.get("post", {}), operation)):
        for key, value in (changes or {}).items():
            part.pop(key, None) if value is None else part.update({key: deepcopy(value)})
    return found


PLAIN = document()
GONE = {**PLAIN, "paths": {"/cats": PLAIN["paths"]["/pets"]}}
ONE_GONE = {**PLAIN, "paths": {"/pets": {"get": PLAIN["paths"]["/pets"]["post"]}}}
ENDED = {"deprecated": True, "x-sunset": "2025-06-01"}
ENDING = {"deprecated": True, "x-sunset": "2027-06-01"}
SOONER = {"deprecated": True, "x-sunset": "2026-01-09"}
UNDATED = {"deprecated": True, "x-sunset": "some day"}
KEY, OTHER = [{"key": []}], [{"key": []}, {"oauth": ["read"]}]
READ, WRITE = [{"oauth": ["read"]}], [{"oauth": ["read", "write"]}]


def flow(**more):
    """Return a document with an OAuth scheme."""
    given = {"authorizationUrl": "https://a.example/in", "tokenUrl": "https://a.example/token", "scopes": {"read": "R"}}
    schemes = {"oauth": {"type": "oauth2", "flows": {"authorizationCode": {**given, **more}}}}
    return changed(PLAIN, root={"components": {"securitySchemes": schemes}, "security": READ})


def scheme(**given):
    return changed(PLAIN, root={"components": {"securitySchemes": {"key": given}}, "security": KEY})


def bumped(version):
    """Return a version that breaks consumers, called so."""
    return changed(GONE, root={"info": {"title": "Pets", "version": version}})


def header(*, required=True, schema=None, name="X-Left"):
    """Return a document whose answer has a header."""
    found = document()
    given = {"required": required, "schema": schema or TEXT}
    found["paths"]["/pets"]["post"]["responses"]["200"]["headers"] = {name: given}
    return found


def answers(*media, statuses=("200",)):
    content = {name: {"schema": thing("a")} for name in media}
    given = {status: {"description": "Answer", **({"content": content} if content else {})} for status in statuses}
    return document(responses=given)


def takes(*media):
    return document(requestBody={"content": {name: {"schema": thing("a")} for name in media}})


def optional(body):
    return document(requestBody={"content": {"application/json": {"schema": body}}})


def needs(schema, *required):
    return {"type": "object", "properties": {"p": schema}, "required": list(required)}


def in_header(schema):
    return document(parameters=[{"name": "X-Q", "in": "header", "schema": schema}])


def param(**more):
    return document(parameters=[query(TEXT, **more)])


NO_SCHEMA = document(requestBody={"content": {"application/json": {}}})
MUTE = document(responses={"200": {"description": "Done", "content": {"application/json": {}}}})
BY_ID = {**PLAIN, "paths": {"/pets/{a}": {"get": {"responses": {}}}}}
BY_IDS = {
    **PLAIN,
    "paths": {"/pets/{a}": {"get": {"responses": {}, "parameters": [{"name": "b", "in": "path", "schema": TEXT}]}}},
}

DOCUMENTS = {
    "endpoint-added": (ONE_GONE, changed(ONE_GONE, item={"post": {"responses": {}}})),
    "endpoint-deprecated": (PLAIN, changed(PLAIN, deprecated=True)),
    "endpoint-deprecated-with-sunset": (PLAIN, changed(PLAIN, **ENDING)),
    "endpoint-reactivated": (changed(PLAIN, deprecated=True), PLAIN),
    "api-deprecated-sunset-missing": (PLAIN, changed(PLAIN, deprecated=True)),
    "api-deprecated-sunset-parse": (PLAIN, changed(PLAIN, **UNDATED)),
    "api-sunset-date-too-small": (PLAIN, changed(PLAIN, **SOONER)),
    "api-sunset-date-changed-too-small": (changed(PLAIN, **ENDING), changed(PLAIN, **SOONER)),
    "sunset-deleted": (changed(PLAIN, **ENDING), changed(PLAIN, deprecated=True)),
    "api-invalid-stability-level": (PLAIN, changed(PLAIN, **{"x-stability-level": "solid"})),
    "api-stability-decreased": (PLAIN, changed(PLAIN, **{"x-stability-level": "beta"})),
    "api-stability-increased": (changed(PLAIN, **{"x-stability-level": "beta"}), PLAIN),
    "api-path-removed-without-deprecation": (PLAIN, GONE),
    "api-path-removed-with-deprecation": (changed(PLAIN, **ENDED), GONE),
    "api-path-removed-before-sunset": (changed(PLAIN, **ENDING), GONE),
    "api-path-sunset-parse": (changed(PLAIN, **UNDATED), GONE),
    "api-removed-without-deprecation": (PLAIN, ONE_GONE),
    "api-removed-with-deprecation": (changed(PLAIN, **ENDED), ONE_GONE),
    "api-removed-before-sunset": (changed(PLAIN, **ENDING), ONE_GONE),
    "api-operation-id-added": (PLAIN, changed(PLAIN, operationId="add_pet")),
    "api-operation-id-removed": (changed(PLAIN, operationId="add_pet"), changed(PLAIN, operationId="addPet")),
    "api-tag-added": (PLAIN, changed(PLAIN, tags=["pets"])),
    "api-tag-removed": (changed(PLAIN, tags=["pets"]), PLAIN),
    "api-schema-removed": (changed(PLAIN, root={"components": {"schemas": {"Cat": CAT}}}), PLAIN),
    "api-version-not-bumped": (PLAIN, bumped("1.0.0")),
    "api-version-decreased": (PLAIN, bumped("0.9.0")),
    "api-major-version-not-bumped": (PLAIN, bumped("1.1.0")),
    "webhook-added": (PLAIN, changed(PLAIN, root={"webhooks": {"born": {"post": {"responses": {}}}}})),
    "webhook-removed": (changed(PLAIN, root={"webhooks": {"born": {"post": {"responses": {}}}}}), PLAIN),
    "api-global-security-added": (PLAIN, changed(PLAIN, root={"security": KEY})),
    "api-global-security-removed": (changed(PLAIN, root={"security": KEY}), PLAIN),
    "api-global-security-scope-added": (
        changed(PLAIN, root={"security": READ}),
        changed(PLAIN, root={"security": WRITE}),
    ),
    "api-global-security-scope-removed": (
        changed(PLAIN, root={"security": WRITE}),
        changed(PLAIN, root={"security": READ}),
    ),
    "api-security-added": (changed(PLAIN, security=KEY), changed(PLAIN, security=OTHER)),
    "api-security-removed": (changed(PLAIN, security=OTHER), changed(PLAIN, security=KEY)),
    "api-security-scope-added": (changed(PLAIN, security=READ), changed(PLAIN, security=WRITE)),
    "api-security-scope-removed": (changed(PLAIN, security=WRITE), changed(PLAIN, security=READ)),
    "api-security-component-added": (PLAIN, scheme(type="http", scheme="bearer")),
    "api-security-component-removed": (scheme(type="http", scheme="bearer"), PLAIN),
    "api-security-component-type-changed": (scheme(type="http", scheme="basic"), scheme(type="mutualTLS")),
    "api-security-component-oauth-url-changed": (flow(), flow(authorizationUrl="https://b.example/in")),
    "api-security-component-oauth-token-url-changed": (flow(), flow(tokenUrl="https://b.example/token")),
    "api-security-component-oauth-scope-added": (flow(), flow(scopes={"read": "R", "write": "W"})),
    "api-security-component-oauth-scope-removed": (flow(scopes={"read": "R", "write": "W"}), flow()),
    "api-security-component-oauth-scope-changed": (flow(), flow(scopes={"read": "Read it"})),
    "new-required-request-parameter": (PLAIN, param(required=True)),
    "new-optional-request-parameter": (PLAIN, param()),
    "new-required-request-default-parameter-to-existing-path": (
        PLAIN,
        changed(PLAIN, item={"parameters": [query(TEXT, required=True)]}),
    ),
    "new-optional-request-default-parameter-to-existing-path": (
        PLAIN,
        changed(PLAIN, item={"parameters": [query(TEXT)]}),
    ),
    "new-request-path-parameter": (BY_ID, BY_IDS),
    "request-parameter-removed": (param(), PLAIN),
    "request-parameter-removed-with-deprecation": (param(**ENDED), PLAIN),
    "request-parameter-removed-before-sunset": (param(**ENDING), PLAIN),
    "request-parameter-sunset-parse": (param(**UNDATED), PLAIN),
    "request-parameter-became-required": (param(), param(required=True)),
    "request-parameter-became-optional": (param(required=True), param()),
    "request-parameter-deprecated": (param(), param(deprecated=True)),
    "request-parameter-deprecated-sunset-missing": (param(), param(deprecated=True)),
    "request-parameter-sunset-date-too-small": (param(), param(**SOONER)),
    "request-parameter-reactivated": (param(deprecated=True), param()),
    "request-parameter-sunset-deleted": (param(**ENDING), param(deprecated=True)),
    "request-parameter-sunset-date-changed-too-small": (param(**ENDING), param(**SOONER)),
    "new-required-request-header-property": (in_header(thing("a")), in_header(thing("a", "b"))),
    "request-header-property-became-required": (in_header(needs(TEXT)), in_header(needs(TEXT, "p"))),
    "request-header-property-became-enum": (in_header(needs(TEXT)), in_header(needs(FEW))),
    "request-body-added-required": (PLAIN, document(body=CAT)),
    "request-body-added-optional": (PLAIN, optional(CAT)),
    "request-body-removed": (document(body=CAT), PLAIN),
    "request-body-became-required": (optional(CAT), document(body=CAT)),
    "request-body-became-optional": (document(body=CAT), optional(CAT)),
    "request-body-media-type-added": (takes("application/json"), takes("application/json", "application/xml")),
    "request-body-media-type-removed": (takes("application/json", "application/xml"), takes("application/json")),
    "request-body-media-type-schema-added": (NO_SCHEMA, optional(CAT)),
    "request-body-media-type-schema-removed": (optional(CAT), NO_SCHEMA),
    "response-body-media-type-schema-added": (MUTE, document(answer=CAT)),
    "response-body-media-type-schema-removed": (document(answer=CAT), MUTE),
    "response-media-type-added": (answers("application/json"), answers("application/json", "application/xml")),
    "response-media-type-removed": (answers("application/json", "application/xml"), answers("application/json")),
    "response-media-type-name-changed": (answers("text/csv"), answers("text/csv; header=present")),
    "response-media-type-name-generalized": (answers("application/problem+json"), answers("application/json")),
    "response-media-type-name-specialized": (answers("application/json"), answers("application/problem+json")),
    "response-mediatype-enum-value-removed": (document(answer=MANY), document(answer=FEW)),
    "response-success-status-added": (answers(), answers(statuses=("200", "202"))),
    "response-success-status-removed": (answers(statuses=("200", "202")), answers()),
    "response-non-success-status-added": (answers(), answers(statuses=("200", "404"))),
    "response-non-success-status-removed": (answers(statuses=("200", "404")), answers()),
    "response-header-added": (PLAIN, header()),
    "required-response-header-removed": (header(), PLAIN),
    "optional-response-header-removed": (header(required=False), PLAIN),
    "response-header-became-optional": (header(), header(required=False)),
    "response-header-became-nullable": (header(), header(schema={"type": ["string", "null"]})),
    "response-header-became-not-nullable": (header(schema={"type": ["string", "null"]}), header()),
    "response-header-type-changed": (header(schema=WHOLE), header(schema={"type": "boolean"})),
    "response-header-type-compatible": (header(), header(schema=WHOLE)),
    "response-header-type-generalized": (header(schema=WHOLE), header(schema=NUMBER)),
    "response-header-type-specialized": (header(schema=NUMBER), header(schema=WHOLE)),
    "new-required-request-property": (document(body=thing("a")), document(body=thing("a", "b"))),
    "new-required-request-property-with-default": (
        document(body=thing()),
        document(body=needs({**TEXT, "default": "a"}, "p")),
    ),
    "new-optional-request-property": (document(body=thing()), document(body=needs(TEXT))),
    "request-property-removed": (document(body=needs(TEXT)), document(body=thing())),
    "request-property-became-required": (document(body=needs(TEXT)), document(body=needs(TEXT, "p"))),
    "request-property-became-required-with-default": (
        document(body=needs({**TEXT, "default": "a"})),
        document(body=needs({**TEXT, "default": "a"}, "p")),
    ),
    "request-property-became-optional": (document(body=needs(TEXT, "p")), document(body=needs(TEXT))),
    "response-property-became-optional": (document(answer=needs(TEXT, "p")), document(answer=needs(TEXT))),
    "response-property-became-required": (document(answer=needs(TEXT)), document(answer=needs(TEXT, "p"))),
    "response-required-property-added": (document(answer=thing("a")), document(answer=thing("a", "b"))),
    "response-required-property-removed": (document(answer=thing("a", "b")), document(answer=thing("a"))),
    "response-optional-property-added": (document(answer=thing()), document(answer=needs(TEXT))),
    "response-optional-property-removed": (document(answer=needs(TEXT)), document(answer=thing())),
}


def _hidden():
    """Yield the kinds about properties that one side never sees."""
    secret = {**TEXT, "writeOnly": True}
    for word, names in (("required", ("p",)), ("optional", ())):
        given = document(answer=needs(secret, *names))
        yield f"response-{word}-write-only-property-added", document(answer=thing()), given
        yield f"response-{word}-write-only-property-removed", given, document(answer=thing())
        for flag, keyword in (("read-only", "readOnly"), ("write-only", "writeOnly")):
            plain, flagged = needs(TEXT, *names), needs({**TEXT, keyword: True}, *names)
            for side, part in (("request", "body"), ("response", "answer")):
                one, other = document(**{part: plain}), document(**{part: flagged})
                yield f"{side}-{word}-property-became-{flag}", one, other
                yield f"{side}-{word}-property-became-not-{flag}", other, one
    secret_needed, secret_not = document(answer=needs(secret, "p")), document(answer=needs(secret))
    yield "response-write-only-property-became-optional", secret_needed, secret_not
    yield "response-write-only-property-became-required", secret_not, secret_needed


def examples():
    """Yield (kind, old document, new document) for every kind of the catalogue."""
    yield from within_schemas()
    for kind, (old, new) in DOCUMENTS.items():
        yield kind, old, new
    yield from _hidden()


POLICED = frozenset(
    kind for kind in catalogue() if kind.endswith(("sunset-missing", "sunset-date-too-small", "changed-too-small"))
)
"""Kinds that only exist where a project demands 30 days between a deprecation and the end."""
