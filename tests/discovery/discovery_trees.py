"""Small systems, written as a mapping of paths to texts."""

from __future__ import annotations

import json

PYTHON_APP = "from fastapi import FastAPI\n\napp = FastAPI()\n"
FLASK_APP = 'from flask import Flask\n\napp = Flask(__name__)\napp.run(host="0.0.0.0", port=5055)\n'
EXPRESS_APP = "const express = require('express')\nconst app = express()\napp.listen(process.env.PORT || 4100)\n"
GO_MAIN = 'package main\n\nimport "net/http"\n\nfunc main() {\n\thttp.ListenAndServe(":7070", nil)\n}\n'
SPRING_MAIN = "@SpringBootApplication\npublic class App { public static void main(String[] a) {} }\n"
PYTHON_DOCKER = 'FROM python:3.13-slim\nCOPY . .\nEXPOSE 8000\nCMD ["uvicorn", "main:app", "--port", "8000"]\n'
NODE_DOCKER = 'FROM node:22\nCOPY . .\nEXPOSE 3000\nCMD ["node", "server.js"]\n'
GO_MOD = "module example.com/x\n\ngo 1.23\n\nrequire github.com/gin-gonic/gin v1.10.0\n"
WEB_PROJECT = '<Project Sdk="Microsoft.NET.Sdk.Web"></Project>\n'
POM = (
    "<project><artifactId>{name}</artifactId><dependencies><dependency><groupId>org.springframework.boot</groupId>"
    "<artifactId>spring-boot-starter-web</artifactId></dependency></dependencies></project>\n"
)


def package(name="x", scripts=None, **dependencies):
    """Return a package.json."""
    dependencies = {key.replace("__", "/").replace("_", "-"): value for key, value in dependencies.items()}
    return json.dumps({"name": name, "scripts": scripts or {}, "dependencies": dependencies})


def express():
    return {"package.json": package(scripts={"start": "node server.js"}, express="4"), "server.js": EXPRESS_APP}


def react():
    text = package(scripts={"dev": "vite", "build": "vite build"}, react="19", vite="7")
    return {"package.json": text, "index.html": "<div id=root>", "src/main.tsx": "export {}\n"}


def fastapi():
    return {"requirements.txt": "fastapi==0.115\nuvicorn\n", "main.py": PYTHON_APP}


def spring(name="svc"):
    return {"pom.xml": POM.format(name=name), "src/main/java/x/App.java": SPRING_MAIN}


def below(folder, files):
    return {f"{folder}/{path}": text for path, text in files.items()}


def write(root, files):
    """Write the files of a system; bytes as they are."""
    for path, text in files.items():
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(text, bytes):
            file.write_bytes(text)
        else:
            file.write_text(text, encoding="utf-8")
    return root
