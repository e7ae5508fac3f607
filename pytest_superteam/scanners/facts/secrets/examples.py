"""Made-up secrets for the examples of the rules, put together here so that none stands in a source as one piece."""

from __future__ import annotations

import base64
import json

__all__ = ["AWS_ID", "AWS_OTHER", "GITHUB", "JWT", "PEM", "RANDOM", "SENDGRID", "SLACK", "STRIPE", "WORD"]

WORD = "orange-kettle-42"
RANDOM = "q7Jx2Kd9Vb4T" + "n6Lw8Zr1Ym3Pc5Hs"
AWS_ID = "AKIA" + "Z7QXN3WLKJ5MVTPB"
AWS_OTHER = "kR3x/Vn8pQ2mL5tY7wZ1" + "aB4cD6eF9gH0iJ+KlMnO"
GITHUB = "ghp_" + "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0eF3hI6"
STRIPE = "sk_live_" + "aB3dE6gH9jK2mN5pQ8sT1vW4"
SLACK = "xoxb-" + "123456789012-1234567890123-aB3dE6gH9jK2mN5pQ8sT1vW4"
SENDGRID = "SG." + "aB3dE6gH9jK2mN5pQ8sT1v" + "." + "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0eF3hI6kL9nO2q"
PEM = "-----BEGIN " + "PRIVATE KEY-----\nMIIEowIBAAKCAQEA" + "x7Jq2Kd9Vb4Tn6Lw8Zr1\n-----END PRIVATE KEY-----\n"


def _part(value: dict[str, str]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


JWT = f"{_part({'alg': 'HS256', 'typ': 'JWT'})}.{_part({'sub': 'orders-service'})}.c2lnbmF0dXJl"
