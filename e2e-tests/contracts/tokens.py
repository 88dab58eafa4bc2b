"""Prints hostile tokens, one a line: NAME<tab>TOKEN. The one argument is a token that holds."""

import base64
import hashlib
import hmac
import json
import sys


def encoded(value):
    text = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


def main(good):
    head, body, signature = good.split(".")
    claims = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))

    def signed(header, claims, key):
        text = f"{encoded(header)}.{encoded(claims)}"
        return f"{text}.{encoded(hmac.new(key, text.encode(), hashlib.sha256).digest())}"

    hs256 = {"typ": "JWT", "alg": "HS256"}
    hostile = {
        "no-algorithm": f"{encoded({'typ': 'JWT', 'alg': 'none'})}.{body}.",
        "signature-cut": f"{head}.{body}.",
        "signature-of-another": signed(hs256, claims, b"another"),
        "empty-key": signed(hs256, claims, b""),
        "more-roles": f"{head}.{encoded({**claims, 'roles': ['auditor', 'model-manager', 'service']})}.{signature}",
        "longer": f"{head}.{encoded({**claims, 'exp': 99_999_999_999})}.{signature}",
        "key-from-elsewhere": signed({**hs256, "jku": "http://127.0.0.1:9/keys", "kid": "../../tokens.key"}, claims, b"x"),
        "key-within": signed({**hs256, "jwk": {"kty": "oct", "k": encoded(b"x")}}, claims, b"x"),
        "claims-no-object": signed(hs256, ["auditor"], b"x"),
        "no-json": f"{encoded(b'{')}.{encoded(b'{')}.{signature}",
        "long": "x" * 6_000,
        "dots": "." * 500,
        "nothing": "",
        "sql": "' OR '1'='1",
        "percent": "%00%0d%0aX-Role:%20auditor",
    }
    for name, token in hostile.items():
        print(f"{name}\t{token}")


if __name__ == "__main__":
    main(sys.argv[1])
