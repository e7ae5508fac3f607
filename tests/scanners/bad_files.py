"""Files that no person wrote by hand: too long, too deep, too many, damaged; as bytes by name."""

from __future__ import annotations

__all__ = ["ENDINGS", "LIMIT", "deep", "long_lines", "many", "odd", "small_damage"]

LIMIT = 900_000
"""Bytes of the long files: below what is read at most."""

ENDINGS = (".py", ".js", ".ts", ".tsx", ".go", ".java")

_UNITS = {
    ".py": "app.get('/a%d');print('x',password);jwt.decode(t,'s3cr3tQ9xZ',algorithms=['none']);requests.get(u);",
    ".js": "app.get('/a%d',(q,r)=>{console.log(password);jwt.verify(t,'s3cr3tQ9xZ');fetch(u)});app.use(cors());",
    ".go": 'func f%d(){jwt.Parse(t,"s3cr3tQ9xZ");http.Get(u);w.Header().Set("Access-Control-Allow-Origin","*")};',
    ".java": 'class C%d{void f(){JWT.require(Algorithm.HMAC256("s3cr3tQ9xZ")).build().verify(t);log.info(password);}}',
    ".json": '{"password":"Zk4%dqT9vX2m","api_key":"hR8sLq2ZtW9yKd3nUa7b","url":"postgres://u:p4ssQ@h/d"},',
    ".yaml": "{password: Zk4%dqT9vX2m, api_key: hR8sLq2ZtW9yKd3nUa7b, url: 'postgres://u:p4ssQ@h/d'}, ",
    ".tf": 'resource "x" "y%d" { password = "Zk4qT9vX2m" access_key = "hR8sLq2ZtW9yKd3nUa7b" } ',
    ".sh": "export DB_PASSWORD%d=Zk4qT9vX2m; curl -u admin:Zk4qT9vX2m -H 'Authorization: Bearer hR8sLq2ZtW9yKd3' u; ",
}
_HEADS = {
    ".py": "import jwt,requests;from fastapi import FastAPI;app=FastAPI();",
    ".js": "import jwt from 'jsonwebtoken';import cors from 'cors';import express from 'express';const app=express();",
    ".go": 'package a;import ("net/http";"github.com/golang-jwt/jwt/v5");',
    ".java": "import com.auth0.jwt.*;import com.auth0.jwt.algorithms.Algorithm;",
    ".json": "[",
    ".yaml": "a: [",
}
_TAILS = {".json": "{}]\n", ".yaml": "{}]\n"}


def _fill(ending: str, size: int) -> bytes:
    """Return one line of `size` bytes, of a minified file."""
    kind = ".js" if ending in {".ts", ".tsx", ".mjs", ".jsx"} else ending
    unit = _UNITS[kind]
    units = [unit % number if "%d" in unit else unit for number in range(size // len(unit))]
    return (_HEADS.get(kind, "") + "".join(units) + _TAILS.get(kind, "\n")).encode()


def long_lines(size: int = LIMIT) -> dict[str, bytes]:
    """Return minified files of one line, one of each language."""
    endings = (*ENDINGS, ".json", ".yaml", ".tf", ".sh")
    files = {f"minified{ending}": _fill(ending, size) for ending in endings}
    files["minified.env"] = b"PASSWORD=" + b"Zk4qT9vX2m" * (size // 10)
    files["minified/Dockerfile"] = b"FROM a\nRUN " + b"apt-get install -y x && " * (size // 24) + b"true\n"
    files["letters.py"] = b"password = '" + b"a" * size + b"'\n"
    files["letters.js"] = b"const password = `" + b"aB3" * (size // 3) + b"`\n"
    files["letters.txt"] = b"aB3/+" * (size // 5)
    return files


_NESTS = {
    ".py": ("import jwt\nprint(password)\nx = ", "(", "1", ")"),
    ".js": ("console.log(password); jwt.verify(", "[", "1", "]"),
    ".ts": ("console.log(password); const a: ", "Array<", "number", ">"),
    ".tsx": ("console.log(password); const password = ", "<a>", "", "</a>"),
    ".go": ('package a\nimport "github.com/golang-jwt/jwt/v5"\nvar password = jwt.Parse(t, ', "(", "1", ")"),
    ".java": ("import com.auth0.jwt.JWT; class A { Object password = JWT.decode(", "(", "1", ")"),
    ".json": ('{"password": "jwt", "openapi": ', "[", "1", "]"),
    ".yaml": ("openapi: 3.1.0\njwt: ", "[", "a", "]"),
}


def _lines(part: str, count: int) -> str:
    """Return `part` over and over, in lines of a hundred, so that it does not look like minified code."""
    return "".join(part if number % 100 else part + "\n" for number in range(1, count + 1))


def deep(depth: int = 100_000) -> dict[str, bytes]:
    """Return files that are nested `depth` levels deep, closed ones and open ones."""
    files: dict[str, bytes] = {}
    for ending, (head, left, core, right) in _NESTS.items():
        files[f"deep{ending}"] = (head + _lines(left, depth) + core + _lines(right, depth) + "\n").encode()
        files[f"open{ending}"] = (head + _lines(left, depth) + "\n").encode()
    files["blocks.js"] = b"{\n" * depth + b"console.log(password)" + b"}" * depth
    files["calls.js"] = b"jwt" + b"\n.verify(t)" * (depth - 10_000)
    files["sum.js"] = b"jwt.verify(t, k); const password = 'a'" + b" +\n 'b'" * depth
    files["sum.py"] = b"import jwt\njwt.encode(" + b"'a' + " * depth + b"'b')\n"
    files["calls.py"] = b"import jwt\njwt" + b".decode(t)" * depth
    files["minus.py"] = b"print(" + b"-" * depth + b"1)\n"
    files["ifs.py"] = b"".join(b" " * level + b"if print(1):\n" for level in range(1200))
    files["elifs.py"] = b"if a: pass\n" + b"elif print(1): pass\n" * 20_000
    files["elses.js"] = b"if (a) console.log(1)\n" + b"else if (b) console.log(password)\n" * 20_000
    files["functions.js"] = b"function f(){\n" * (depth // 2) + b"console.log(1)" + b"}" * (depth // 2)
    files["arrows.ts"] = b"const f = " + b"() => " * depth + b"console.log(1)"
    files["generics.java"] = (
        b"import com.auth0.jwt.JWT; class A { " + b"List<" * depth + b"String" + b">" * depth + b" password; }"
    )
    files["compose.yml"] = b"services:\n" + b"".join(b" " * level + b"a:\n" for level in range(1, 1300))
    files["deep/compose.yml"] = b"services: " + b"{a: " * depth + b"1" + b"}" * depth
    files["flow/compose.yml"] = b"services: " + b"[" * depth
    files["dashes.yaml"] = b"- " * depth + b"password: hunter2\n"
    files["deep/Dockerfile"] = b"FROM a\nRUN " + b"$(" * depth + b"x" + b")" * depth + b"\nENV A=" + b"${A:-" * depth
    return files


def many(share: float = 0.2) -> dict[str, bytes]:
    """Return files with the same thing over and over, a share of what is read at most, for time's sake.

    What no grammar reads is as large as it can be: expressions and loops over characters are fast.
    """

    def some(full: int) -> int:
        return int(full * share)

    lines = range(some(50_000))
    files = {
        "passwords.env": b"password=\n" * some(100_000),
        "passwords.txt": b"password=\n" * some(100_000),
        "passwords.py": b"password=''\n" * some(80_000),
        "hits.env": "".join(f"PASSWORD_{n}=Zk{n}qT9vX2m\n" for n in range(some(35_000))).encode(),
        "hits.py": "".join(f"password{n} = 'Zk{n}qT9vX'\n" for n in range(some(30_000))).encode(),
        "hits.yaml": "".join(f"password{n}: Zk{n}qT9vX\n" for n in range(some(36_000))).encode(),
        "strings.py": b"x = [" + b"'aaaa'," * some(100_000) + b"]\nprint(x)\n",
        "secret_strings.py": b"import jwt\nJWT_SECRET = [" + b"'aB3xQ'," * some(100_000) + b"]\n",
        "strings.js": b"const x = [" + b"'aaaa'," * some(100_000) + b"]; console.log(x)\n",
        "strings.go": b"package a\nvar password = []string{jwt.Parse(t)," + b'"aaaa",' * some(100_000) + b"}\n",
        "strings.java": b"import com.auth0.jwt.JWT; class A { String[] password = {"
        + b'"aaaa",' * some(100_000)
        + b"}; }\n",
        "functions.py": "".join(f"def f{n}():print()\n" for n in range(some(45_000))).encode(),
        "functions.js": "".join(f"function f{n}(){{}}\n" for n in lines).encode() + b"console.log(1)\n",
        "functions.go": b'package a\nimport "github.com/golang-jwt/jwt/v5"\n'
        + "".join(f"func f{n}(){{}}\n" for n in lines).encode(),
        "methods.java": b"import com.auth0.jwt.JWT; class A {"
        + "".join(f"void f{n}(){{}}\n" for n in lines).encode()
        + b"}",
        "classes.py": "".join(f"class A{n}:x=1\n" for n in lines).encode() + b"import jwt\n",
        "routes.py": b"from fastapi import FastAPI\napp=FastAPI()\n"
        + "".join(f"@app.get('/a{n}')\ndef f{n}():return 1\n" for n in range(some(18_000))).encode(),
        "flask.py": b"from flask import Flask\napp=Flask(__name__)\n"
        + "".join(f"@app.route('/a{n}')\ndef f{n}():return 1\n" for n in range(some(18_000))).encode(),
        "routes.js": b"const app=require('express')();\n"
        + "".join(f"app.get('/a{n}',(q,r)=>r.json(1));\n" for n in range(some(20_000))).encode(),
        "nest.ts": b"import {Controller,Get} from '@nestjs/common';\n@Controller('x') class A {\n"
        + "".join(f"@Get('a{n}') f{n}(){{return 1}}\n" for n in range(some(20_000))).encode()
        + b"}\n",
        "names.py": b"import jwt\na0='none'\n"
        + "".join(f"a{n + 1}=a{n}\n" for n in range(some(30_000))).encode()
        + b"jwt.decode(t,k,algorithms=[a%d])\n" % some(30_000),
        "names.js": b"const jwt=require('jsonwebtoken');const a0='none';\n"
        + "".join(f"const a{n + 1}=a{n};\n" for n in range(some(30_000))).encode()
        + b"jwt.verify(t,k,{algorithms:[a%d]})\n" % some(30_000),
        "same.py": b"import jwt,requests\n" + b"k=jwt.decode(t,k,algorithms=[k])\n" * some(20_000),
        "same.js": b"const jwt=require('jsonwebtoken');let k;\n"
        + b"k=jwt.verify(t,k,{algorithms:[k]});\n" * some(20_000),
        "logs.py": b"import logging\nlogger=logging.getLogger()\n" + b"logger.info('%s',password)\n" * some(30_000),
        "logs.js": b"console.log(password)\n" * some(40_000),
        "catches.py": b"try:\n f()\nexcept Exception:\n pass\n" * some(24_000),
        "catches.js": b"try{f()}catch(e){}\n" * some(40_000),
        "fetches.js": b"fetch(u).then(r=>r.json());\n" * some(30_000),
        "fetches.py": b"import requests\n" + b"requests.get(u)\n" * some(50_000),
        "one_function.py": b"import requests,jwt\nasync def f():\n"
        + b"".join(b" x%d=requests.get(u);print(x%d)\n" % (n, n) for n in range(some(26_000))),
        "one_function.js": b"async function f(){\n"
        + b"".join(b"const x%d=await fetch(u);console.log(x%d);\n" % (n, n) for n in range(some(18_000)))
        + b"}",
        "events.js": "".join(f"bus.emit('A{n}',x);bus.on('B{n}',f);\n" for n in range(some(22_000))).encode(),
        "events.py": "".join(f"bus.publish('A{n}');bus.subscribe('B{n}',f)\n" for n in range(some(20_000))).encode(),
        "imports.py": "".join(f"import a{n}\n" for n in lines).encode() + b"print(1)\n",
        "imports.ts": "".join(f"import a{n} from 'b{n}';\n" for n in range(some(30_000))).encode()
        + b"console.log(1)\n",
        "globals.py": b"from flask import Flask\napp=Flask(__name__)\nc=0\n"
        + "".join(f"def f{n}():\n global c;c+=1\n" for n in range(some(25_000))).encode(),
        "awaits.ts": b"let c=0;\n"
        + "".join(f"async function f{n}(){{const x=c;await g();c=x+1}}\n" for n in range(some(16_000))).encode(),
        "models.py": b"import jwt\nfrom pydantic import BaseModel\n"
        + "".join(f"class A{n}(BaseModel):\n userId:int\n user_id:int\n" for n in range(some(15_000))).encode(),
        "keys.pem": b"-----BEGIN PRIVATE KEY-----\n" * 30_000,
        "tokens.txt": b"ghp_" + b"aB3xQ9" * 6 + b"\n" + b"eyJ" * 250_000,
        "urls.txt": b"postgres://" + b"a:" * 400_000,
        "at.txt": b"a://" * 200_000 + b"@",
        "quotes.py": b"password = " + b'"' * 300_000 + b"\n",
        "quotes.js": b"password = " + b"'`" * 200_000 + b"\n",
        "slashes.env": b"PASSWORD=" + b"\\" * LIMIT,
        "spaces.env": b"PASSWORD" + b" " * LIMIT + b"x",
        "spaces.py": b"password" + b" " * LIMIT + b"= 'hunter2-x'\n",
        "tabs.yaml": b"password:" + b"\t" * LIMIT + b"x",
        "opens.js": b"/*" * 400_000,
        "angles.html": b"<" * LIMIT,
        "braces.env": b"PASSWORD=" + b"${" * 400_000,
        "equals.sh": b"export PASSWORD" + b"=" * LIMIT,
        "headers.sh": b"curl -H 'Authorization: Bearer " * 30_000,
        "many/Dockerfile": b"FROM a\n" + "".join(f"ENV PASSWORD_{n}=Zk{n}qT9vX\n" for n in range(30_000)).encode(),
        "stages/Dockerfile": "".join(f"FROM a{n} AS a{n + 1}\nUSER x\n" for n in range(20_000)).encode(),
        "args/Dockerfile": b"".join(b"ARG A%d=${A%d}\n" % (n + 1, n) for n in range(20_000)) + b"FROM ${A20000}\n",
        "copies/Dockerfile": b"FROM a\n" + b"COPY . /app\n" * 60_000,
        "continued/Dockerfile": b"FROM a\nRUN x \\\n" + b"# y\n\\\n" * 100_000,
        "here/Dockerfile": b"FROM a\n" + b"RUN <<A\nA\n" * 60_000,
        "unclosed/Dockerfile": b"FROM a\nRUN <<A <<B\n" + b"x\n" * 200_000,
        "compose.yml": b"services:\n"
        + "".join(
            f"  a{n}:\n    image: x\n    environment: {{DB_PASSWORD: Zk{n}qT9vX}}\n" for n in range(10_000)
        ).encode(),
    }
    text = "password = 'Zk4qT9vX2m'\nprint(1)\n"
    files["crlf.py"] = (text * 10_000).replace("\n", "\r\n").encode()
    files["cr.py"] = (text * 10_000).replace("\n", "\r").encode()
    return files


def _bomb() -> bytes:
    levels = "".join(f"x{n + 1}: &a{n + 1} [{', '.join([f'*a{n}'] * 10)}]\n" for n in range(12))
    return (f"x0: &a0 [password]\n{levels}services:\n  a: *a12\n  b: {{environment: *a12}}\n").encode()


def odd() -> dict[str, bytes]:
    """Return small files that are no text, or no text of today, or that parsers stumble over."""
    python = "import jwt\nprint('é')\njwt.decode(t, verify=False)\npassword = 'Zk4qT9vX2m'\n"
    compose = "services:\n  web: &web\n    image: a\n    environment: &e\n      DB_PASSWORD: Zk4qT9vX2m\n"
    return {
        "binary.py": bytes(range(256)) * 40,
        "elf.go": b"\x7fELF\x02\x01\x01" + b"\0" * 60,
        "nul.py": b"x = 1\0\n",
        "late_nul.py": b"x = 1\n" * 2000 + b"\0\n",
        "late_nul.js": b"console.log(1)\n" * 2000 + b"\0\n",
        "late_nul.env": b"A=1\n" * 4000 + b"PASSWORD=\0Zk4qT9vX2m\n",
        "latin1.py": python.encode("latin-1"),
        "cookie.py": ("# coding: latin-1\n" + python).encode("latin-1"),
        "lying_cookie.py": b"# coding: no-such-codec\nprint(1)\n",
        "rot13.py": b"# coding: rot13\ncevag(1)\n",
        "utf7.py": b"# coding: utf-7\nprint(1)\n",
        "latin1.js": b"const password = 'Zk4\xe9qT9vX2m'; console.log('\xe9')\n",
        "utf16.py": python.encode("utf-16"),
        "utf16.ts": "console.log(password); jwt.verify(t, 'x')\n".encode("utf-16"),
        "utf16.env": "DB_PASSWORD=Zk4qT9vX2m\n".encode("utf-16"),
        "utf16_bare.js": "console.log(1)\n".encode("utf-16-le"),
        "half_utf16.txt": b"\xff\xfea\0b\0c",
        "utf32.txt": "password = 'Zk4qT9vX2m'\n".encode("utf-32"),
        "bom.py": b"\xef\xbb\xbf" + python.encode(),
        "bom.js": b"\xef\xbb\xbfconsole.log(1)\n",
        "bom.json": b'\xef\xbb\xbf{"password": "Zk4qT9vX2m"}',
        "bom/compose.yml": b"\xef\xbb\xbf" + compose.encode(),
        "bom/Dockerfile": b"\xef\xbb\xbfFROM a:latest\n",
        "bom.env": b"\xef\xbb\xbfDB_PASSWORD=Zk4qT9vX2m\n",
        "two_boms.py": b"\xef\xbb\xbf\xef\xbb\xbfx = 1\nprint(1)\n",
        "crlf.py": python.replace("\n", "\r\n").encode(),
        "mixed_ends.py": b"print(1)\r\nprint(2)\rprint(3)\nprint(4)\n\r\x0cprint(5)\x0b\n",
        "mixed_ends.js": "console.log(1)\r\nconsole.log(2)\u2028console.log(3)\rconsole.log(4)".encode(),
        "crlf/Dockerfile": b"FROM a:latest\r\nRUN x \\\r\n  y\r\nENV DB_PASSWORD=Zk4qT9vX2m\r\n",
        "crlf.env": b"DB_PASSWORD=Zk4qT9vX2m\r\n",
        "crlf/compose.yml": compose.replace("\n", "\r\n").encode(),
        "python2.py": b"print 'x'\nexec 'y'\nraise E, 'z'\n",
        "newer.py": b"match x:\n  case 1: print(1)\nfrobnicate lazily import a from b\n",
        "jsx.js": b"export const A = ({token}) => <a onClick={() => console.log(token)}>{token}</a>\n",
        "flow.js": b"// @flow\ntype A = {| a: ?string |};\nfunction f(x: A): %checks { console.log(x); return !!x }\n",
        "decorators.js": b"@a @b() class C { @d #x = 1; accessor y; static { console.log(1) } }\n",
        "hashbang.js": b"#!/usr/bin/env node\nconsole.log(1)\n",
        "html.js": b"<!DOCTYPE html><script>console.log(1)</script>",
        "empty.py": b"",
        "empty.js": b"",
        "empty.go": b"",
        "empty.java": b"",
        "empty.env": b"",
        "empty.json": b"",
        "empty/Dockerfile": b"",
        "empty/compose.yml": b"",
        "spaces/Dockerfile": b" \n\t\n\\\n\\",
        "comment/Dockerfile": b"# syntax=docker/dockerfile:1\n# escape=`\n",
        "garbage/Dockerfile": bytes(range(1, 256)) * 20,
        "words/Dockerfile": b'FROM\nFROM a AS\nCOPY\nUSER\nENV\nENV =\nENV A\nRUN ["\nRUN [1,{}]\nHEALTHCHECK\nARG\n'
        b'ONBUILD ONBUILD FROM\nCOPY --from=\nEXPOSE\nRUN --mount=\nADD ["a"]\nRUN <<\nRUN << A\nLABEL "\n\\\n',
        "list/compose.yml": b"- services\n",
        "word/compose.yml": b"services\n",
        "null/compose.yml": b"services:\n",
        "types/compose.yml": b"services:\n  a: 1\n"
        b"  b: [x]\n  c: null\n  2: {image: 3, build: 4, ports: x, depends_on: 5, "
        b"environment: 6, volumes: {}, healthcheck: y, deploy: [], user: [1], secrets: 7, networks: 1, command: {}}\n"
        b"  ? [a]\n  : {}\n",
        "anchors/compose.yml": (
            compose + "  api:\n    <<: *web\n    environment:\n      <<: *e\n      A: b\n"
        ).encode(),
        "merges/compose.yml": (compose + "  api:\n    <<: [*web, *web, 3, x]\n  c:\n    <<: *c\n").encode(),
        "circle/compose.yml": b"services: &s\n  a: &a\n    <<: *a\n    environment: &b [*b, *s]\n",
        "duplicates/compose.yml": (
            compose + "  web: {image: b}\n  web: {image: c}\nservices: {d: {image: e}}\n"
        ).encode(),
        "bomb/compose.yml": _bomb(),
        "bomb.yaml": _bomb(),
        "tabs/compose.yml": b"services:\n\ta:\n\t\timage: b\n",
        "documents/compose.yml": b"--- \nservices: {a: {image: b}}\n---\nservices: {c: {image: d}}\n...\n--- [\n",
        "tags/compose.yml": b"services: !!python/object/apply:os.system ['echo']\n  a: !reset null\n",
        "numbers/compose.yml": b"services: {a: {image: 0b1_, ports: [22:22, 1e999999, .inf, 0o9, 2001-99-99, 1:99]}}\n",
        "colon.yaml": b"\xff: :\n:\n? : ? :\n",
        "bomb/openapi.yaml": b"openapi: 3.1.0\npaths: {}\nx0: &a0 {b: 1}\n"
        + b"".join(b"x%d: &a%d {<<: [%s]}\n" % (n, n, b",".join([b"*a%d" % (n - 1)] * 10)) for n in range(1, 12)),
        "circle/openapi.yaml": b"openapi: 3.1.0\npaths: &p {/a: {get: &g {x: *g, y: *p}}}\n",
        "openapi.yaml": b"openapi: [\npaths: {/: {get: 1}}\n",
        "openapi.json": b'{"openapi": "3.1.0", "paths": {"/a": {"get": [], "post": null}, "b": 1, "c": []}}',
        "asyncapi.yaml": b"asyncapi: 3.0.0\nchannels: 1\noperations: [a]\n",
        "package.json": b'{"name": [], "main": 3, "scripts": [], "dependencies": "x"}',
        "pyproject.toml": b"[project\nname = 3\n",
        "requirements.txt": b"-r requirements.txt\n\xff\n",
        "surrogate.py": b"print('\\ud800'); password = '\\ud800\\udfffZk4qT9vX2m'\n",
        "surrogate.js": b"const password = '\\ud800Zk4qT9vX2m'; console.log('\\u{110000}\\uZZ')\n",
        "surrogate.json": b'{"password": "\\ud800Zk4qT9vX2m"}\n',
        "cesu.py": b"x = '\xed\xa0\x80'\nprint(1)\n",
        "digits.py": b"password = " + b"9" * 5000 + b"\nprint(f'{password:{1}}')\n",
        "digits.yaml": b"password: " + b"9" * 5000 + b"\n",
        "huge_number.js": b"const password = 1e999; jwt.sign({exp: " + b"9" * 400 + b"n}, 'x')\n",
        "hex.json": b'{"password": 1e99999, "token": NaN}\n',
        "control.py": b"print('\x1b]0;x\x07\x1b[31m')\npassword = 'Zk4\x1b[31mqT9vX2m'\n",
        "directions.py": "password = 'Zk4\u202eqT9vX2m'  # \u2066\n".encode(),
        "names.py": "\uff50\uff41ssword = 'Zk4qT9vX2m'\n\u210c = print\n\u210c(1)\n".encode(),
        "template.js": b"const password = `${`${`${`${a}`}`}`}`; console.log(`${password}`, ...[,,])\n",
        "here.sh": b"cat <<EOF\nPASSWORD=Zk4qT9vX2m\n",
        "private.pem": b"-----BEGIN PRIVATE KEY-----\n" + b"\xff" * 200 + b"\n-----END RSA PRIVATE KEY-----\n",
    }


def small_damage() -> dict[str, bytes]:
    """Return every odd file cut in the middle, and with its second half first."""
    files: dict[str, bytes] = {}
    for name, data in odd().items():
        folder, _, file = name.rpartition("/")
        middle = len(data) // 2
        files[f"{folder or 'x'}/cut/{file}"] = data[:middle]
        files[f"{folder or 'x'}/turned/{file}"] = data[middle:] + data[:middle]
    return files
